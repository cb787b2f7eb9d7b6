using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace Mithi.Testing;

/// <summary>A form of a page, filled in as a person does it: what is not touched is sent as the page shows it.</summary>
internal sealed class TestForm
{
    private readonly IHtmlFormElement form;

    private TestForm(IHtmlFormElement form, string page) => (this.form, Action) = (form, form.GetAttribute("action") ?? page);

    /// <summary>Where it is sent.</summary>
    public string Action { get; }

    /// <summary>The one form of a page that has a place for everything that shall be filled in.</summary>
    /// <param name="html">The page.</param>
    /// <param name="page">Its path.</param>
    /// <param name="typed">Field and value. A field that nobody can type into must hold just this value.</param>
    /// <param name="action">Where the form is sent, when the fields alone do not tell it.</param>
    /// <exception cref="InvalidOperationException">There is none, or more than one.</exception>
    public static TestForm Find(string html, string page, IReadOnlyDictionary<string, string> typed, string? action)
    {
        var forms = new HtmlParser().ParseDocument(html).Forms.Where(f => f.Method == "post").Select(f => new TestForm(f, page)).ToArray();
        return forms.Where(f => (action is null || f.Action == action) && typed.All(t => f.Takes(t.Key, t.Value))).ToArray() is [var one]
            ? one
            : throw new InvalidOperationException($"{page} has not just one form to {action ?? "anywhere"} for {string.Join(", ", typed)}, but:\n"
                + string.Join('\n', forms.Select(f => $"{f.Action}: {string.Join(", ", f.Fill(typed))}")));
    }

    /// <summary>What is sent when <paramref name="typed"/> was filled in.</summary>
    public IEnumerable<KeyValuePair<string, string>> Fill(IReadOnlyDictionary<string, string> typed)
    {
        foreach (var element in form.Elements)
        {
            if (element.GetAttribute("name") is not { Length: > 0 } name) continue;
            if (element is IHtmlInputElement { Type: "checkbox" } box)
            {
                if (typed.TryGetValue(name, out var tick) ? tick == box.Value : box.IsChecked) yield return new(name, box.Value);
            }
            else if (ValueOf(element) is { } shown)
            {
                yield return new(name, typed.GetValueOrDefault(name, shown));
            }
        }
    }

    private bool Takes(string name, string value) => form.Elements.Where(e => e.GetAttribute("name") == name).Any(element => element switch
    {
        IHtmlInputElement { Type: "hidden" or "checkbox" } given => given.Value == value,
        IHtmlSelectElement select => select.Options.Any(o => o.Value == value),
        _ => ValueOf(element) is not null,
    });

    // Null for buttons: none of them is pressed by name.
    private static string? ValueOf(IHtmlElement element) => element switch
    {
        IHtmlInputElement { Type: "file" or "submit" or "button" } => null,
        IHtmlInputElement input => input.Value,
        IHtmlSelectElement select => select.Value ?? "",
        IHtmlTextAreaElement area => area.Value,
        _ => null,
    };
}
