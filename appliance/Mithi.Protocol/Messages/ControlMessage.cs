using System.Text.Json.Serialization;

namespace Mithi.Protocol.Messages;

/// <summary>What the two ends say to one another beside the bytes of streams. Reference, section 6.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(FactsMessage), "facts")]
[JsonDerivedType(typeof(PlanMessage), "plan")]
[JsonDerivedType(typeof(StepsMessage), "steps")]
[JsonDerivedType(typeof(ProgressMessage), "progress")]
[JsonDerivedType(typeof(LogMessage), "log")]
[JsonDerivedType(typeof(LogAckMessage), "log-ack")]
[JsonDerivedType(typeof(ScreenMessage), "screen")]
[JsonDerivedType(typeof(FaultMessage), "fault")]
[JsonDerivedType(typeof(FaultClearedMessage), "fault-cleared")]
[JsonDerivedType(typeof(ReportMessage), "report")]
[JsonDerivedType(typeof(ResultMessage), "result")]
[JsonDerivedType(typeof(EnrolmentMessage), "enrolment")]
[JsonDerivedType(typeof(CommandMessage), "command")]
[JsonDerivedType(typeof(DownloadsRequestMessage), "downloads-request")]
[JsonDerivedType(typeof(DownloadsMessage), "downloads")]
public abstract record ControlMessage;

/// <summary>Site to node: what the machine is made of. Sent after the welcome and whenever it changes.</summary>
public sealed record FactsMessage(Facts Facts) : ControlMessage;

/// <summary>Site to node: the plan that the site made from its facts and the sheet, for approval.</summary>
public sealed record PlanMessage(PlanProposal Plan) : ControlMessage;

/// <summary>Site to node: all steps with their states; replaces what was sent before.</summary>
public sealed record StepsMessage(string PlanId, IReadOnlyList<Step> Steps) : ControlMessage;

/// <summary>Site to node: how far the running step is. At most a few a second.</summary>
/// <param name="Step">The step's name.</param>
/// <param name="Done">In <paramref name="Unit"/>.</param>
/// <param name="Total">In <paramref name="Unit"/>; 0 when not known.</param>
/// <param name="Unit"><c>bytes</c> or <c>items</c>.</param>
/// <param name="At">By the site's clock.</param>
public sealed record ProgressMessage(string Step, long Done, long Total, string Unit, DateTimeOffset At) : ControlMessage;

/// <summary>Site to node: log entries with rising numbers. At most 500 at once; the site keeps them until they are acknowledged.</summary>
public sealed record LogMessage(IReadOnlyList<LogEntry> Entries) : ControlMessage;

/// <summary>Node to site: all entries up to this number are on the node's disk.</summary>
public sealed record LogAckMessage(long Through) : ControlMessage;

/// <summary>Site to node: the text of the operator's screen, lines separated by <c>\n</c>.</summary>
public sealed record ScreenMessage(string Text, DateTimeOffset At) : ControlMessage;

/// <summary>Site to node: something is wrong, with the code that the operator sees.</summary>
/// <param name="Code">Like <c>NET-04</c>.</param>
/// <param name="Step">The step that failed, or null.</param>
/// <param name="Operator">The sentence on the local screen.</param>
/// <param name="Engineer">The details.</param>
/// <param name="RetryAt">When the site tries again by itself; null when it waits for a person.</param>
/// <param name="At">By the site's clock.</param>
public sealed record FaultMessage(
    string Code, string? Step, string Operator, string Engineer, DateTimeOffset? RetryAt, DateTimeOffset At) : ControlMessage;

/// <summary>Site to node: the fault is over.</summary>
public sealed record FaultClearedMessage(string Code) : ControlMessage;

/// <summary>Site to node: what runs there and how it is. Sent after first boot, after each change, and every few minutes.</summary>
public sealed record ReportMessage(SiteReport Report) : ControlMessage;

/// <summary>Site to node: how a signed command ended.</summary>
/// <param name="CommandId">The command's id.</param>
/// <param name="Ok">Whether it was done.</param>
/// <param name="Outcome">A word for a program: <c>done</c>, <c>refused</c>, <c>failed</c>, <c>rolled-back</c>.</param>
/// <param name="Detail">A sentence for the engineer.</param>
/// <param name="FaultCode">Like <c>APP-02</c>, or null.</param>
public sealed record ResultMessage(string CommandId, bool Ok, string Outcome, string Detail, string? FaultCode) : ControlMessage;

/// <summary>Node to site: the code was entered; the signed text is an <c>Enrolment</c>.</summary>
public sealed record EnrolmentMessage(Commands.SignedText Signed) : ControlMessage;

/// <summary>Node to site: a signed <c>Command</c>.</summary>
public sealed record CommandMessage(Commands.SignedText Signed) : ControlMessage;

/// <summary>Site to node: please a token for downloads.</summary>
public sealed record DownloadsRequestMessage : ControlMessage;

/// <summary>Node to site: where releases are and the token for them. The token is a secret: it is never logged.</summary>
/// <param name="Addresses">Like <c>https://node:443</c>, in the order in which to try them.</param>
/// <param name="Token">For <c>Authorization: Bearer</c>.</param>
/// <param name="ExpiresAt">By the node's clock.</param>
public sealed record DownloadsMessage(IReadOnlyList<string> Addresses, string Token, DateTimeOffset ExpiresAt) : ControlMessage
{
    /// <summary>Without the token.</summary>
    public override string ToString() => $"DownloadsMessage {{ {string.Join(", ", Addresses)}, until {ExpiresAt:O} }}";
}
