using System.Text;
using MimeKit.Text;

namespace Mithi.Helpdesk.Mail;

/// <summary>The words of an HTML mail. One pass over its tokens: nothing of it is ever shown as HTML.</summary>
internal static class HtmlText
{
    public static string Of(string html)
    {
        var text = new StringBuilder();
        var (hidden, quoted) = (0, 0);
        using var reader = new StringReader(html);
        var tokens = new HtmlTokenizer(reader) { DecodeCharacterReferences = true };
        while (tokens.ReadNextToken(out var token))
        {
            if (token is HtmlTagToken tag)
            {
                var opens = tag is { IsEndTag: false, IsEmptyElement: false };
                switch (tag.Id)
                {
                    case HtmlTagId.Script or HtmlTagId.Style or HtmlTagId.Head or HtmlTagId.Title:
                        hidden = Math.Max(0, hidden + (tag.IsEndTag ? -1 : opens ? 1 : 0));
                        break;
                    // What comes after the head is shown, also where a broken mail never closes it.
                    case HtmlTagId.Body:
                        hidden = 0;
                        break;
                    case HtmlTagId.BlockQuote:
                        Break();
                        quoted = Math.Clamp(quoted + (tag.IsEndTag ? -1 : opens ? 1 : 0), 0, 20);
                        break;
                    case HtmlTagId.Br:
                        NewLine();
                        break;
                    case HtmlTagId.P or HtmlTagId.Div or HtmlTagId.LI or HtmlTagId.TR or HtmlTagId.H1 or HtmlTagId.H2 or HtmlTagId.H3 or HtmlTagId.HR
                        or HtmlTagId.Table or HtmlTagId.UL or HtmlTagId.OL or HtmlTagId.Pre:
                        Break();
                        break;
                    case HtmlTagId.TD or HtmlTagId.TH when tag.IsEndTag:
                        text.Append(' ');
                        break;
                }
            }
            else if (token is HtmlDataToken { Kind: HtmlTokenKind.Data } data && hidden == 0)
            {
                Append(data.Data);
            }
        }
        return text.ToString().Trim();

        void Append(string data)
        {
            foreach (var c in data)
            {
                var blank = char.IsWhiteSpace(c);
                if (text.Length == 0 || text[^1] == '\n')
                {
                    if (blank) continue;
                    for (var i = 0; i < quoted; i++) text.Append('>');
                    if (quoted > 0) text.Append(' ');
                }
                else if (blank && text[^1] == ' ') continue;
                text.Append(blank ? ' ' : c);
            }
        }

        void Break()
        {
            if (text.Length > 0 && text[^1] != '\n') text.Append('\n');
        }

        void NewLine() => text.Append('\n');
    }
}
