using System.Text;
using System.Text.Json.Serialization.Metadata;
using Mithi.Kernel.People;
using Mithi.Protocol.Messages;
using NodaTime;

namespace Mithi.Fleet.Sites;

/// <summary>Where a site is. Stored by name; that a machine waits for its code is known from its connection, not stored.</summary>
public enum SiteState
{
    /// <summary>A sheet and perhaps a medium, but no machine yet.</summary>
    Planned,
    /// <summary>A machine whose code was entered; its plan waits for approval.</summary>
    Paired,
    /// <summary>The approved plan is being carried out.</summary>
    Installing,
    /// <summary>Installed and healthy by its last report.</summary>
    Green,
    /// <summary>Something is wrong, or the last report was not healthy.</summary>
    Attention,
}

/// <summary>A customer's server as the node knows it.</summary>
/// <param name="Code">Its id in the stamp and in the handshake.</param>
/// <param name="Device">The hash of its machine's key; empty while it is not paired.</param>
/// <param name="Machine">Which of the machines that it has had.</param>
/// <param name="ApprovedPlan">The id of the plan that may be carried out; empty before.</param>
internal sealed record Site(
    SiteId Id, string Code, OrganisationId OrganisationId, string OrganisationName, string Name, SiteState State,
    string Sheet, int SheetRevision, string Device, int Machine, long LogThrough, bool Intercepted, string Facts, string Plan,
    string ApprovedPlan, string Steps, string Fault, string Report, string Product, string Version, long? TokenId,
    Instant SeenAt, Instant CreatedAt)
{
    public bool IsPaired => Device.Length > 0;
    public SiteSheet TheSheet => Read(Sheet, ProtocolJson.Default.SiteSheet)!;
    public Facts? TheFacts => Read(Facts, ProtocolJson.Default.Facts);
    public PlanProposal? ThePlan => Read(Plan, ProtocolJson.Default.PlanProposal);
    public IReadOnlyList<Step> TheSteps => Read(Steps, ProtocolJson.Default.ListStep) ?? [];
    public FaultMessage? TheFault => Read(Fault, ProtocolJson.Default.FaultMessage);
    public SiteReport? TheReport => Read(Report, ProtocolJson.Default.SiteReport);

    /// <summary>Whether the plan that the site proposes was made from the sheet as it is now and can be approved.</summary>
    public bool CanApprove => ThePlan is { } plan && plan.PlanId != ApprovedPlan && plan.SheetRevision == SheetRevision
        && plan.Faults.Count == 0;

    private static T? Read<T>(string json, JsonTypeInfo<T> type) where T : class
        => json.Length == 0 ? null : ProtocolJson.Read(Encoding.UTF8.GetBytes(json), type);
}

/// <summary>A line of the board.</summary>
internal sealed record SiteRow(
    SiteId Id, string OrganisationName, string Name, SiteState State, string Product, string Version, Instant SeenAt);

/// <summary>A line of a site's log.</summary>
internal sealed record LogRow(long Number, Instant At, string Level, string Step, string Text);

/// <summary>What became of a change to a site.</summary>
internal abstract record SiteResult
{
    private SiteResult() { }

    public sealed record Done(SiteId Id) : SiteResult;

    /// <summary>Not there, or out of reach of who asks.</summary>
    public sealed record Missing : SiteResult;

    /// <summary>Somebody else, or the site itself, changed it since the page was shown.</summary>
    public sealed record Stale : SiteResult;

    /// <summary>It can't be done in the state that the site is in.</summary>
    /// <param name="Why">English.</param>
    public sealed record NotNow(string Why) : SiteResult;
}
