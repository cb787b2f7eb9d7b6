namespace Mithi.Kernel.Mail;

/// <summary>Why a mail was not taken from its caller. The names are stable: they are in logs and in the manual.</summary>
public enum MailFault { BadAddress, NoRecipient, TooManyRecipients, BadHeader, TooLong }

public sealed class MailException(MailFault fault, string message) : Exception(message)
{
    public MailFault Fault { get; } = fault;
}
