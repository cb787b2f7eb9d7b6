using System.Globalization;
using Microsoft.AspNetCore.Http;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Web;
using FormText = Mithi.Helpdesk.Tickets.FormText;

namespace Mithi.Helpdesk.Levels;

/// <summary>The lists as they were typed: one question a line.</summary>
public sealed record EvidenceForm(long Version, IReadOnlyDictionary<Level, string> Lines)
{
    public static EvidenceForm Of(EvidenceList list)
        => new(list.Version, EvidenceList.Levels.ToDictionary(l => l, l => string.Join('\n', list.Questions.GetValueOrDefault(l, []))));

    public static (EvidenceForm Form, EvidenceList List, FormErrors Errors) Read(IFormCollection fields)
    {
        var form = new EvidenceForm(long.TryParse(FormText.Line(fields, "version"), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0,
            EvidenceList.Levels.ToDictionary(l => l, l => FormText.Area(fields, $"{l}")));
        var errors = new FormErrors();
        var questions = new Dictionary<Level, IReadOnlyList<string>>();
        foreach (var (level, lines) in form.Lines)
        {
            questions[level] = [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()];
            if (questions[level].Count > Limits.EvidenceMax) errors.Add($"{level}", "At most 10 lines: a longer list is ticked without being read.");
            if (questions[level].Any(q => q.Length > Limits.QuestionCharsMax)) errors.Add($"{level}", "A line is too long: at most 200 characters.");
        }
        return (form, new(form.Version, questions), errors);
    }

    /// <summary>What a hand-over says to each question; the page sends the question along, for the list may have changed meanwhile.</summary>
    internal static IReadOnlyList<Evidence> ReadAnswers(IFormCollection fields)
        => [.. Enumerable.Range(0, Limits.EvidenceMax).Select(i => new Evidence(FormText.Line(fields, $"question-{i}"), fields.Flag($"given-{i}"), FormText.Line(fields, $"words-{i}")))
            .Where(e => e.Question.Length > 0)];
}
