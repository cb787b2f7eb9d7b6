using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Levels;

public sealed record EvidenceModel(EvidenceForm Form, FormErrors? Errors);

/// <summary>The page on which a ticket is given to another level.</summary>
/// <param name="To">Null: none is chosen yet.</param>
/// <param name="Evidence">What that level asks for, with what was said to it so far.</param>
public sealed record HandOverModel(Ticket Ticket, Level? To, IReadOnlyList<Evidence> Evidence, string Reason, FormErrors? Errors);

/// <param name="Evidence">What the level asks for when a ticket comes up to it.</param>
internal sealed record ApiLevelLine(Level Level, IReadOnlyList<string> Evidence);

internal sealed record ApiLevels(IReadOnlyList<ApiLevelLine> Levels);

internal sealed record ApiEvidence(string? Question, bool? Given, string? Words);
