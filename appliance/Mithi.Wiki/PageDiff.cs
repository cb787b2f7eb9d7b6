using DiffPlex.DiffBuilder;
using DiffPlex.DiffBuilder.Model;

namespace Mithi.Wiki;

/// <summary>What changed between two texts, line by line, with the words that differ.</summary>
/// <param name="TooLong">Too much to compare in time; the lines are empty.</param>
public sealed record PageDiff(IReadOnlyList<DiffRow> Rows, int Added, int Removed, bool TooLong)
{
    public static PageDiff Of(string before, string after)
    {
        if (before.Count(c => c == '\n') > Limits.DiffLinesMax || after.Count(c => c == '\n') > Limits.DiffLinesMax) return new([], 0, 0, true);
        var lines = SideBySideDiffBuilder.Diff(before, after);
        var rows = new List<DiffRow>();
        for (var i = 0; i < lines.NewText.Lines.Count; i++) Add(rows, lines.OldText.Lines[i], lines.NewText.Lines[i]);
        return new(rows, rows.Count(r => r.Kind == DiffKind.Added), rows.Count(r => r.Kind == DiffKind.Removed), false);
    }

    private static void Add(List<DiffRow> rows, DiffPiece old, DiffPiece now)
    {
        if (now.Type == ChangeType.Unchanged)
        {
            rows.Add(new(DiffKind.Same, old.Position, now.Position, [new(now.Text ?? "", false)]));
            return;
        }
        if (old.Type is ChangeType.Deleted or ChangeType.Modified) rows.Add(new(DiffKind.Removed, old.Position, null, Words(old)));
        if (now.Type is ChangeType.Inserted or ChangeType.Modified) rows.Add(new(DiffKind.Added, null, now.Position, Words(now)));
    }

    private static DiffWord[] Words(DiffPiece line) => line.Type == ChangeType.Modified
        ? [.. line.SubPieces.Where(p => p.Text is not null).Select(p => new DiffWord(p.Text, p.Type != ChangeType.Unchanged))]
        : [new(line.Text ?? "", false)];
}

public enum DiffKind { Same, Added, Removed }

/// <summary>A line; its number in the old and in the new text.</summary>
public sealed record DiffRow(DiffKind Kind, int? Old, int? New, IReadOnlyList<DiffWord> Words);

public sealed record DiffWord(string Text, bool Changed);
