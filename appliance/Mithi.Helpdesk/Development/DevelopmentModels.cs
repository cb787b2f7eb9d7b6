using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Development;

/// <summary>The list of issues.</summary>
/// <param name="Next">Where the next page begins; null on the last.</param>
public sealed record IssueListModel(IssueState State, IReadOnlyList<IssueLine> Lines, long? Next);

/// <summary>An issue's page.</summary>
public sealed record IssueModel(IssuePage Page, string Body, FormErrors? Errors);

/// <summary>A ticket's issues, beside the ticket; staff alone sees it.</summary>
public sealed record TicketIssuesModel(TicketId TicketId, IReadOnlyList<IssueLine> Issues, bool MayEscalate, bool HasGitHub)
{
    public EscalationForm Form { get; init; } = EscalationForm.Empty;

    public FormErrors? Errors { get; init; }
}

/// <summary>What was typed into the form of an escalation.</summary>
public sealed record EscalationForm(string Title, string Text, string Place, string Existing)
{
    public static EscalationForm Empty { get; } = new("", "", nameof(IssuePlace.Here), "");
}
