using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;

namespace Mithi.Kernel.Web;

/// <summary>One line of a form's choices.</summary>
public sealed record Choice(string Value, string Text);

/// <summary>Fields of a form: label, control, hint and error belong together for eyes and for screen readers.</summary>
public sealed class Fields(ReaderTexts t)
{
    /// <param name="name">The form's field name, also its id.</param>
    /// <param name="label">Translated.</param>
    /// <param name="value">What to show; never give a password back.</param>
    /// <param name="errors">The form's mistakes; the one of this field is shown beside it.</param>
    /// <param name="type">text, email, password, number, date, url, search.</param>
    /// <param name="hint">Translated; may be null.</param>
    /// <param name="more">Further attributes, written by us, never from outside: <c>autocomplete="username" autofocus</c>.</param>
    public IHtmlContent Text(string name, string label, string? value, FormErrors? errors = null, string type = "text",
        bool required = false, string? hint = null, string more = "")
        => Wrap(name, label, hint, errors, required, field => field
            .Append("<input type=\"").Append(type).Append("\" value=\"").Append(Encode(value)).Append('"'), ">", more);

    public IHtmlContent Area(string name, string label, string? value, FormErrors? errors = null, int rows = 8,
        bool required = false, string? hint = null, string more = "")
        => Wrap(name, label, hint, errors, required, field => field.Append("<textarea rows=\"").Append(rows).Append('"'),
            // The first line break after the tag is dropped by browsers; ours must not be the text's own.
            ">\n" + Encode(value) + "</textarea>", more);

    /// <param name="answered">The empty choice is an answer as good as the others, like "nobody": browsers let it pass.</param>
    public IHtmlContent Select(string name, string label, IEnumerable<Choice> choices, string? value, FormErrors? errors = null,
        bool required = false, string? hint = null, string more = "", bool answered = false)
    {
        var options = new StringBuilder(">");
        foreach (var choice in choices)
            options.Append("<option value=\"").Append(Encode(choice.Value)).Append('"')
                .Append(choice.Value == value ? " selected" : "").Append('>').Append(Encode(choice.Text)).Append("</option>");
        return Wrap(name, label, hint, errors, required, field => field.Append("<select"), options.Append("</select>").ToString(), more, answered);
    }

    public IHtmlContent Check(string name, string label, bool value, string? hint = null) => new HtmlString($"""
        <p class="field check"><input type="checkbox" id="{name}" name="{name}" value="1"{(value ? " checked" : "")}{(hint is null ? "" : $" aria-describedby=\"{name}-hint\"")}>
        <label for="{name}">{Encode(label)}</label>{(hint is null ? "" : $"<span class=\"hint\" id=\"{name}-hint\">{Encode(hint)}</span>")}</p>
        """);

    /// <summary>The list of mistakes above a form, linked to their fields; nothing when there are none.</summary>
    public IHtmlContent Summary(FormErrors? errors)
    {
        if (errors is not { Any: true }) return HtmlString.Empty;
        var html = new StringBuilder("<div class=\"notice bad\" role=\"alert\" tabindex=\"-1\" id=\"errors\"><p>")
            .Append(Encode(t["Please correct this and send it again:"])).Append("</p><ul>");
        foreach (var (field, message) in errors.All)
            html.Append("<li>").Append(field.Length == 0 ? Encode(t[message]) : $"<a href=\"#{field}\">{Encode(t[message])}</a>").Append("</li>");
        return new HtmlString(html.Append("</ul></div>").ToString());
    }

    private HtmlString Wrap(string name, string label, string? hint, FormErrors? errors, bool required,
        Action<StringBuilder> open, string close, string more, bool answered = false)
    {
        var error = errors?.Of(name);
        var described = (hint is null ? "" : $"{name}-hint ") + (error is null ? "" : $"{name}-error");
        var html = new StringBuilder("<p class=\"field\"><label for=\"").Append(name).Append("\">").Append(Encode(label));
        if (!required && !answered) html.Append(" <span class=\"optional\">").Append(Encode(t["(optional)"])).Append("</span>");
        html.Append("</label>");
        if (hint is not null) html.Append($"<span class=\"hint\" id=\"{name}-hint\">").Append(Encode(hint)).Append("</span>");
        open(html);
        html.Append($" id=\"{name}\" name=\"{name}\"");
        if (required) html.Append(" required");
        if (error is not null) html.Append(" aria-invalid=\"true\"");
        if (described.Length > 0) html.Append($" aria-describedby=\"{described.Trim()}\"");
        if (more.Length > 0) html.Append(' ').Append(more);
        html.Append(close);
        if (error is not null) html.Append($"<span class=\"error\" id=\"{name}-error\">").Append(Encode(t[error])).Append("</span>");
        return new HtmlString(html.Append("</p>").ToString());
    }

    private static string Encode(string? text) => HtmlEncoder.Default.Encode(text ?? "");
}
