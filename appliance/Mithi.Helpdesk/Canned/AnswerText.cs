using System.Text.RegularExpressions;
using Mithi.Helpdesk.Tickets;

namespace Mithi.Helpdesk.Canned;

/// <summary>Fills in what a canned answer leaves open.</summary>
internal static partial class AnswerText
{
    /// <summary>What can be left open, in the order in which the page explains it.</summary>
    public static readonly IReadOnlyList<string> Variables =
        ["ticket.number", "ticket.subject", "requester.name", "organisation", "product", "version", "fix.version", "agent.name"];

    /// <summary>The first variable that nobody knows; null when all are known.</summary>
    public static string? Unknown(string body)
        => Variable().Matches(body).Select(m => m.Groups[1].Value).FirstOrDefault(name => !Variables.Contains(name));

    /// <summary>One pass: what a customer wrote into a subject is never filled in itself.</summary>
    public static string Fill(string body, Ticket ticket, string organisation, string agent) => Variable().Replace(body, m => m.Groups[1].Value switch
    {
        "ticket.number" => $"{ticket.Id}",
        "ticket.subject" => ticket.Subject,
        "requester.name" => ticket.RequesterName,
        "organisation" => organisation,
        "product" => ticket.Product,
        "version" => ticket.ProductVersion,
        "fix.version" => ticket.FixVersion,
        "agent.name" => agent,
        _ => m.Value,
    });

    [GeneratedRegex(@"\{\{ *([a-z.]{1,40}) *\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Variable();
}
