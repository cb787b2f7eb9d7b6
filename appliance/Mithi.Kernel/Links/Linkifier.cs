using System.Text;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using Microsoft.AspNetCore.Html;
using Mithi.Kernel.People;

namespace Mithi.Kernel.Links;

/// <summary>Plain text in, safe HTML out: <c>#4711</c>, <c>release:product/1.0.0</c>, <c>wiki:section/path</c> and web addresses become links.</summary>
/// <remarks>What the reader may not see stays the text it was. Line breaks stay as they are: the page's style shows them.</remarks>
public sealed partial class Linkifier
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly Dictionary<string, ILinkTarget> targets;

    public Linkifier(IEnumerable<ILinkTarget> targets) => this.targets = targets.ToDictionary(t => t.Scheme);

    public async Task<IHtmlContent> ToHtmlAsync(string text, CurrentPerson me, CancellationToken ct)
    {
        var html = new StringBuilder();
        var known = new Dictionary<(string, string), LinkTarget?>();
        var at = 0;
        foreach (Match match in Reference().Matches(text))
        {
            if (await LinkAsync(match, me, known, ct) is not { } link) continue;
            html.Append(Encode(text[at..match.Index])).Append(link);
            at = match.Index + match.Length;
        }
        return new HtmlString(html.Append(Encode(text[at..])).ToString());
    }

    private async Task<string?> LinkAsync(
        Match match, CurrentPerson me, Dictionary<(string, string), LinkTarget?> known, CancellationToken ct)
    {
        if (match.Groups["web"] is { Success: true } web)
            return web.Length <= Limits.UrlCharsMax && Uri.TryCreate(web.Value, UriKind.Absolute, out _)
                ? $"<a href=\"{Encode(web.Value)}\" rel=\"nofollow noopener ugc\">{Encode(web.Value)}</a>" : null;
        var (scheme, id) = match.Groups["number"] is { Success: true } number
            ? ("ticket", number.Value) : (match.Groups["scheme"].Value, match.Groups["id"].Value);
        if (id.Length > Limits.IdCharsMax || !targets.TryGetValue(scheme, out var target)) return null;
        if (!known.TryGetValue((scheme, id), out var found))
        {
            if (known.Count >= Limits.LinksMax) return null;
            found = await target.ResolveAsync(id, me, ct);
            known[(scheme, id)] = found;
        }
        // A path of ours and nothing that a browser could read as another host or a script.
        if (found is null || found.Url is not ['/', not ('/' or '\\'), ..]) return null;
        return $"<a href=\"{Encode(found.Url)}\" title=\"{Encode(found.Title)}\">{Encode(match.Value)}</a>";
    }

    private static string Encode(string text) => Encoder.Encode(text);

    // Ends before the mark that ends the sentence: "see wiki:service/disks." points to service/disks. Linear time, whatever comes.
    [GeneratedRegex("""
        (?<web>https?://[^\s<>"'`]{1,2000}(?<![.,;:!?)\]]))
        | (?<![\p{L}\p{N}&#/])\#(?<number>[1-9][0-9]{0,17})(?![\p{L}\p{N}])
        | (?<![\p{L}\p{N}:/])(?<scheme>[a-z]{2,20}):(?<id>[\p{L}\p{N}][\p{L}\p{M}\p{N}._/+\-]{0,199}(?<![./\-]))
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex Reference();
}
