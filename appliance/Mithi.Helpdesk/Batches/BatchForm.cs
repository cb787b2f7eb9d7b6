using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Mithi.Helpdesk.Macros;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Web;
using FormText = Mithi.Helpdesk.Tickets.FormText;

namespace Mithi.Helpdesk.Batches;

/// <summary>Which tickets are changed and how, as it was sent.</summary>
/// <param name="Macro">Null where nothing or something odd was chosen.</param>
internal sealed record BatchForm(string Key, IReadOnlyList<TicketId> Tickets, TicketActions Actions, MacroId? Macro, TicketFilter Back)
{
    // The names in the filter's form are others: both forms stand on one page.
    private const string Prefix = "set-";

    /// <summary>The key of a page that is made now.</summary>
    public static string NewKey() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    public static (BatchForm Form, FormErrors Errors) Read(IFormCollection fields)
    {
        var errors = new FormErrors();
        var actions = MacroForm.ReadActions(fields, errors, Prefix);
        var sent = fields["ticket"];
        var tickets = sent.Select(t => IdText(t)).OfType<TicketId>().Distinct().ToArray();
        MacroId? macro = MacroId.TryParse(FormText.Line(fields, "macro"), null, out var chosen) ? chosen : null;
        if (tickets.Length == 0) errors.Add("", "Choose the tickets first, by the boxes in the list.");
        if (sent.Count > Limits.BatchTicketsMax) errors.Add("", "These are too many at once: at most 300.");
        if (macro is not null && !actions.IsNothing) errors.Add("macro", "Choose a macro or single changes, not both.");
        if (macro is null && actions.IsNothing && !errors.Any) errors.Add("", "Choose at least one thing that shall be done.");
        var key = FormText.Line(fields, "key");
        if (key.Length is 0 or > 64) errors.Add("", "Load the list again and choose once more.");
        var query = FormText.Line(fields, "back");
        var back = TicketFilter.Parse(query.Length <= 1_000 ? query : "");
        return (new(key, tickets, actions, macro, back), errors);
    }

    private static TicketId? IdText(string? text) => TicketId.TryParse(text, null, out var id) ? id : null;
}
