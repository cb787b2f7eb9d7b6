using System.Text;

namespace Mithi.Helpdesk.Import;

/// <summary>What came over, and what did not and why. The list is written as it grows, so that it is there after a kill too.</summary>
public sealed class ImportReport : IDisposable
{
    private readonly TextWriter? leftOut;

    /// <param name="leftOut">Gets the list as CSV; null keeps only the numbers.</param>
    public ImportReport(TextWriter? leftOut)
    {
        this.leftOut = leftOut;
        leftOut?.WriteLine("where,key,what,why");
    }

    public long Organisations { get; internal set; }

    public long People { get; internal set; }

    public long Tickets { get; internal set; }

    /// <summary>Tickets of an earlier run that got more entries.</summary>
    public long Continued { get; internal set; }

    public long Entries { get; internal set; }

    public long Files { get; internal set; }

    /// <summary>What an earlier run had brought over.</summary>
    public long Known { get; internal set; }

    /// <summary>Lines of the list.</summary>
    public long LeftOut { get; private set; }

    /// <param name="where">File and line, or file and byte.</param>
    /// <param name="what">The member, file or item.</param>
    internal void Leave(string where, string key, string what, string why)
    {
        LeftOut++;
        leftOut?.WriteLine(string.Join(',', new[] { where, key, what, why }.Select(Cell)));
    }

    public void Dispose() => leftOut?.Dispose();

    // A spreadsheet takes what begins so for a formula, and what is left out was written by anybody.
    private static string Cell(string text)
    {
        var safe = new StringBuilder(text.Length + 3).Append('"');
        if (text.Length > 0 && text[0] is '=' or '+' or '-' or '@') safe.Append('\'');
        foreach (var c in text) safe.Append(c == '"' ? "\"\"" : char.IsControl(c) ? " " : c.ToString());
        return safe.Append('"').ToString();
    }
}
