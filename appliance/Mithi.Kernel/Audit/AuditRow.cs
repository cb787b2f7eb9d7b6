using Mithi.Kernel.People;
using NodaTime;

namespace Mithi.Kernel.Audit;

/// <summary>One entry of the audit log.</summary>
/// <param name="Id">1, 2, 3 without gaps.</param>
/// <param name="PersonId">Null for tokens of an organisation, the command line and the house itself.</param>
/// <param name="Label">The person's name at that time, or who else it was.</param>
public sealed record AuditRow(
    long Id, Instant At, long? PersonId, string Label, string Action, string Subject, string Detail, string Hash);

/// <summary>What the reader wants to see. Empty texts and null mean everything.</summary>
public sealed record AuditFilter(PersonId? Person = null, string Action = "", string Subject = "");

/// <summary>Whether the log is as it was written.</summary>
/// <param name="At">How many entries there are, or the first that is wrong.</param>
/// <param name="Message">What is wrong, for the administrator.</param>
public sealed record AuditVerdict(bool Intact, long At, string Message);
