using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Joins;

/// <summary>How a ticket belongs together with others, for staff.</summary>
/// <param name="Standing">The merges and splits that can be taken back.</param>
public sealed record JoinModel(Ticket Ticket, IReadOnlyList<TicketTie> Ties, IReadOnlyList<TakeBack> Standing)
{
    public static async Task<JoinModel> OfAsync(Tx tx, Ticket ticket)
        => new(ticket, await JoinStore.TiesAsync(tx, ticket.Id), await TicketUndo.StandingAsync(tx, ticket.Id));

    public bool MayWork { get; init; }

    public JoinForm Form { get; init; } = JoinForm.Empty;

    public FormErrors? Errors { get; init; }

    /// <summary>The incidents of a problem.</summary>
    public IReadOnlyList<TicketTie> Incidents => [.. Ties.Where(t => t.Role == LinkRole.Effect)];
}

/// <summary>What was typed into the forms of this part and refused.</summary>
public sealed record JoinForm(string Other, string Role, string Into, string Answer)
{
    public static JoinForm Empty { get; } = new("", nameof(LinkRole.Related), "", "");
}

/// <summary>The page on which messages are chosen that move to a new ticket.</summary>
public sealed record SplitModel(Ticket Ticket, IReadOnlyList<SplitLine> Lines, string Subject, FormErrors? Errors);

/// <param name="Head">The beginning of its text.</param>
public sealed record SplitLine(long Seq, bool IsNote, string Author, NodaTime.Instant At, string Head, bool IsChosen);
