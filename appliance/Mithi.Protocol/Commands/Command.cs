using System.Text.Json.Serialization;
using Mithi.Protocol.Messages;

namespace Mithi.Protocol.Commands;

/// <summary>An order of the node to one site, signed by the node's key. Reference, section 5.</summary>
/// <param name="Id">Names it in its result and in the audit log.</param>
/// <param name="Site">The only site that may carry it out.</param>
/// <param name="Device">The hash of the only device key that may carry it out.</param>
/// <param name="Grant">The id of what allows it: the audit entry of the person who gave it.</param>
/// <param name="Counter">Higher than that of every command before it; the site keeps the highest that it took.</param>
/// <param name="IssuedAt">By the node's clock.</param>
/// <param name="ExpiresAt">By the node's clock.</param>
/// <param name="Order">What to do.</param>
public sealed record Command(
    string Id,
    string Site,
    string Device,
    string Grant,
    long Counter,
    DateTimeOffset IssuedAt,
    DateTimeOffset ExpiresAt,
    CommandOrder Order);

/// <summary>What to do.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(MakePlan), "make-plan")]
[JsonDerivedType(typeof(ApprovePlan), "approve-plan")]
[JsonDerivedType(typeof(RetryStep), "retry-step")]
[JsonDerivedType(typeof(AbortInstall), "abort-install")]
[JsonDerivedType(typeof(ApplyRelease), "apply-release")]
[JsonDerivedType(typeof(RollBack), "roll-back")]
[JsonDerivedType(typeof(SendReport), "send-report")]
public abstract record CommandOrder;

/// <summary>Make a plan from this sheet and send it. Changes nothing on the machine.</summary>
public sealed record MakePlan(SiteSheet Sheet) : CommandOrder;

/// <summary>Carry out the plan with this id and digest, and no other.</summary>
public sealed record ApprovePlan(string PlanId, string Digest) : CommandOrder;

/// <summary>Start again with this step of the approved plan.</summary>
public sealed record RetryStep(string Step) : CommandOrder;

/// <summary>Stop after the running step and wait.</summary>
public sealed record AbortInstall : CommandOrder;

/// <summary>Bring the product to this version.</summary>
public sealed record ApplyRelease(string Product, string Version) : CommandOrder;

/// <summary>Bring the product back to the version before.</summary>
public sealed record RollBack(string Product) : CommandOrder;

/// <summary>Run the health checks and report.</summary>
public sealed record SendReport : CommandOrder;

/// <summary>What a machine gets when its code was entered: the node's word that this key is the site's, and the time.</summary>
/// <param name="Site">The site.</param>
/// <param name="Device">The hash of the device key.</param>
/// <param name="IssuedAt">The node's time: the machine may set its clock by it.</param>
/// <param name="ExpiresAt">After this the site asks the node again by connecting.</param>
public sealed record Enrolment(string Site, string Device, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt);
