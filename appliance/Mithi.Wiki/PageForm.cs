using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Mithi.Kernel.Web;

namespace Mithi.Wiki;

/// <summary>What the editor sends.</summary>
/// <param name="Path">Of a new page only.</param>
/// <param name="BaseBlob">Git's id of the text that was shown; empty for a new page.</param>
public sealed partial record PageForm(string Path, string Body, string Summary, string BaseBlob)
{
    public static (PageForm Form, FormErrors Errors) Read(IFormCollection fields)
    {
        // Browsers send line ends as CRLF; git people want LF.
        var body = fields["body"].ToString().ReplaceLineEndings("\n");
        if (body.Length > 0 && !body.EndsWith('\n')) body += "\n";
        var form = new PageForm(fields["path"].ToString().Trim().Trim('/'), body, fields["summary"].ToString().Trim(), fields["base"].ToString());
        var errors = new FormErrors();
        if (string.IsNullOrWhiteSpace(form.Body)) errors.Add("body", "A page needs some text.");
        if (Encoding.UTF8.GetByteCount(form.Body) > Limits.PageBytesMax) errors.Add("body", "A page holds at most one megabyte. Make two of it.");
        if (form.Body.Contains('\0', StringComparison.Ordinal)) errors.Add("body", "A page is text; it cannot hold the character zero.");
        if (form.Summary.Length > Limits.SummaryCharsMax) errors.Add("summary", "Say in one short line what you changed.");
        if (form.BaseBlob.Length > 0 && !Blob().IsMatch(form.BaseBlob)) errors.Add("", "The form is damaged. Load the page again.");
        return (form, errors);
    }

    [GeneratedRegex(@"\A[0-9a-f]{40}\z")]
    private static partial Regex Blob();
}
