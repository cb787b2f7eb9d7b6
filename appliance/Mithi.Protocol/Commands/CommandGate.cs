using Mithi.Protocol.Keys;

namespace Mithi.Protocol.Commands;

/// <summary>Lets through, at the site, only commands that are meant for it, in time, and new.</summary>
/// <param name="site">This site's id.</param>
/// <param name="device">This machine's key.</param>
/// <param name="node">The node's key, as the handshake proved it.</param>
/// <param name="lastCounter">The highest counter taken so far, from the journal; 0 at first.</param>
public sealed class CommandGate(string site, VerifyingKey device, VerifyingKey node, long lastCounter)
{
    /// <summary>The highest counter taken. Write it to the journal before the command is carried out.</summary>
    public long LastCounter { get; private set; } = lastCounter;

    /// <summary>Checks and takes a command.</summary>
    /// <param name="signed">What came.</param>
    /// <param name="now">The time by the node's clock (the machine's own after the enrolment set it).</param>
    /// <exception cref="ProtocolException">Signature, target, time or counter is wrong; it must not be carried out.</exception>
    public Command Take(SignedText signed, DateTimeOffset now)
    {
        var command = signed.ReadCommand(node);
        if (command.Site != site || command.Device != device.Hash.Hex)
            throw new ProtocolException(ProtocolFault.WrongTarget, $"Command {command.Id} is for site {command.Site}.");
        if (now >= command.ExpiresAt)
            throw new ProtocolException(ProtocolFault.Expired, $"Command {command.Id} was valid until {command.ExpiresAt:O}.");
        if (command.Counter <= LastCounter)
            throw new ProtocolException(ProtocolFault.Replayed, $"Command {command.Id} has counter {command.Counter}, {LastCounter} was taken.");
        LastCounter = command.Counter;
        return command;
    }
}
