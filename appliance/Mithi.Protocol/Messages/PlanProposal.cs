using System.Text.Json.Serialization;

namespace Mithi.Protocol.Messages;

/// <summary>What the site would do, shown to the engineer before anything is done.</summary>
/// <param name="PlanId">The installation's id; new with every plan.</param>
/// <param name="Digest">SHA-256, hexadecimal, over the site's own canonical text of the plan; the approval names it.</param>
/// <param name="SheetRevision">The sheet that it was made from.</param>
/// <param name="DryRun">Line by line what would happen, as text.</param>
/// <param name="Disks">What matched which disk.</param>
/// <param name="Steps">The names of the steps in order.</param>
/// <param name="Destroys">The id of the installation that would be destroyed, or null.</param>
/// <param name="Faults">Why it cannot be approved; empty when it can.</param>
public sealed record PlanProposal(
    string PlanId,
    string Digest,
    long SheetRevision,
    string DryRun,
    IReadOnlyList<PlanDisk> Disks,
    IReadOnlyList<string> Steps,
    string? Destroys,
    IReadOnlyList<PlanFault> Faults);

/// <summary>A disk in the dry run's table.</summary>
/// <param name="Name">Only to show.</param>
/// <param name="Model">As the disk tells it.</param>
/// <param name="Serial">As the disk tells it.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Use">Whether the plan writes to it.</param>
/// <param name="Why">In words why it is or is not used.</param>
public sealed record PlanDisk(string Name, string Model, string Serial, long Bytes, bool Use, string Why);

/// <summary>A reason why a plan cannot be carried out, like <c>PLAN-01</c>.</summary>
public sealed record PlanFault(string Code, string Text);

/// <summary>A step of an installation or of an application of a release.</summary>
/// <param name="Name">Like <c>WRITE_OS</c>.</param>
/// <param name="State">Where it is.</param>
/// <param name="StartedAt">By the site's clock.</param>
/// <param name="EndedAt">By the site's clock.</param>
/// <param name="Bytes">What it has read or written, 0 if that has no meaning.</param>
/// <param name="Detail">One line; of a failed step the reason.</param>
public sealed record Step(
    string Name, StepState State, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, long Bytes, string Detail);

/// <summary>Where a step is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepState>))]
public enum StepState
{
    [JsonStringEnumMemberName("waiting")] Waiting,
    [JsonStringEnumMemberName("running")] Running,
    [JsonStringEnumMemberName("done")] Done,
    [JsonStringEnumMemberName("failed")] Failed,
    [JsonStringEnumMemberName("skipped")] Skipped,
}

/// <summary>A line of the site's log.</summary>
/// <param name="Number">Rising by one, from 1, for the life of the device key.</param>
/// <param name="At">By the site's clock.</param>
/// <param name="Level"><c>info</c>, <c>warning</c> or <c>error</c>.</param>
/// <param name="Step">Or empty.</param>
/// <param name="Text">One line.</param>
public sealed record LogEntry(long Number, DateTimeOffset At, string Level, string Step, string Text);
