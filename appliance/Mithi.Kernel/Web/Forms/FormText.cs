using Microsoft.AspNetCore.Http;

namespace Mithi.Kernel.Web;

/// <summary>Reads text fields as they should have been typed.</summary>
public static class FormText
{
    /// <summary>One line without control characters and blanks around it; never null, cut far past what is allowed.</summary>
    public static string Line(this IFormCollection fields, string name)
    {
        var text = fields[name].ToString();
        if (text.Length > 1_000) text = text[..1_000];
        return new string([.. text.Where(c => !char.IsControl(c))]).Trim();
    }

    /// <summary>A password is taken as it is.</summary>
    public static string Raw(this IFormCollection fields, string name) => fields[name].ToString();

    public static bool Flag(this IFormCollection fields, string name) => fields[name].ToString() == "1";
}
