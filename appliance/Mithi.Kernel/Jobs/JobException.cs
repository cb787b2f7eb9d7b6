using NodaTime;

namespace Mithi.Kernel.Jobs;

/// <summary>Why a job could not be done.</summary>
public enum JobFault
{
    /// <summary>Trying again would not help: it is failed at once and shown with a retry button.</summary>
    GivesUp,

    /// <summary>Something is missing that a person must give, such as a mail server: it waits, shown, and no attempt is counted.</summary>
    Waits,
}

/// <summary>Thrown by a job or handler that knows what comes next. The message is shown to the administrator.</summary>
public sealed class JobException : Exception
{
    private JobException(JobFault fault, string message, Duration wait, Exception? inner) : base(message, inner)
        => (Fault, Wait) = (fault, wait);

    public JobFault Fault { get; }

    /// <summary>How long until the next look, for <see cref="JobFault.Waits"/>.</summary>
    public Duration Wait { get; }

    public static JobException GiveUp(string message, Exception? inner = null) => new(JobFault.GivesUp, message, Duration.Zero, inner);

    public static JobException WaitFor(string message, Duration wait) => new(JobFault.Waits, message, wait, null);
}
