using System.Text;
using Mithi.Site.Plan;

namespace Mithi.Site.Ask;

/// <summary>Everything that the operator's screen shows. What it looks like is a pure function of this.</summary>
/// <param name="Product">Whose machine this will be.</param>
/// <param name="Phone">Whom to call; empty when the medium does not say.</param>
internal sealed record ScreenState(string Product, string Phone)
{
    public Stage Stage { get; init; }

    /// <summary>How far the running stage is, 0 to 1; negative when that is not known.</summary>
    public double Fraction { get; init; } = -1;

    public TimeSpan Elapsed { get; init; }

    /// <summary>The pairing code while somebody must read it out, otherwise null.</summary>
    public (string Code, string Spelled)? Code { get; init; }

    /// <summary>What the operator is asked to type, otherwise null.</summary>
    public string? Question { get; init; }

    /// <summary>What was typed so far.</summary>
    public string Typed { get; init; } = "";

    public Fault? Fault { get; init; }

    /// <summary>The last thing that happened.</summary>
    public string Event { get; init; } = "";

    public bool Finished { get; init; }

    /// <summary>The screen: at most <see cref="Limits.ScreenLines"/> lines of <see cref="Limits.ScreenColumns"/> characters.</summary>
    public string Render()
    {
        var (number, words) = Stage.ForOperator();
        var lines = new List<string>
        {
            Product.Length > 0 ? $"Mithi installs {Product}" : "Mithi installs this machine",
            new('=', Limits.ScreenColumns),
            Finished ? "Done. This machine works. You can go." : $"Step {number} of {StageNames.StepsOfOperator}: {words}",
            $"{Bar(number)}  {Elapsed:h\\:mm\\:ss}",
            "",
        };
        if (Code is { } code)
        {
            lines.Add("Read this code to the engineer:");
            lines.Add("");
            lines.AddRange(BlockLetters.Write(code.Code));
            lines.Add("");
            lines.Add($"Code {code.Code}");
            lines.AddRange(Wrap(code.Spelled));
            lines.Add("");
        }
        if (Question is { } question)
        {
            lines.AddRange(Wrap(question));
            lines.Add($"> {Typed}_");
            lines.Add("");
        }
        if (Fault is { } fault)
        {
            lines.Add($"*** {fault.Id}   (say: \"{fault.Spoken}\") ***");
            lines.AddRange(Wrap(fault.Operator));
            lines.Add("");
        }
        if (Phone.Length > 0) lines.Add($"Support: {Phone}");
        if (Event.Length > 0) lines.Add($"Last: {Event}");
        if (!Finished) lines.Add("Please do not switch the machine off.");
        return string.Join('\n', lines.Take(Limits.ScreenLines)
            .Select(line => Plain(line.Length > Limits.ScreenColumns ? line[..Limits.ScreenColumns] : line)));
    }

    private string Bar(int step)
    {
        const int width = 48;
        var part = Math.Clamp(Fraction, 0, 1);
        var full = Finished ? width : (int)((step - 1 + part) / StageNames.StepsOfOperator * width);
        return $"[{new string('#', full)}{new string('.', width - full)}]";
    }

    private static IEnumerable<string> Wrap(string text)
    {
        var line = new StringBuilder();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > Limits.ScreenColumns)
            {
                yield return line.ToString();
                line.Clear();
            }
            line.Append(line.Length > 0 ? " " : "").Append(word);
        }
        if (line.Length > 0) yield return line.ToString();
    }

    // The kernel's console has few letters, and what a node or a disk says must not move the cursor.
    private static string Plain(string line) => new([.. line.Select(c => c is >= ' ' and < (char)127 ? c : '?')]);
}
