using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Links;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Chat;

/// <summary>The chat below a conversation.</summary>
/// <param name="Line">Who else is there.</param>
public sealed record ChatModel(TicketId Id, string Line, bool IsStaff, bool MayHandOver);

/// <summary>Runbooks whose steps can be handed over.</summary>
/// <param name="Chosen">Null: the list of them.</param>
public sealed record RunbooksModel(Ticket Ticket, IReadOnlyList<RunbookName> Names, Runbook? Chosen, FormErrors? Errors);
