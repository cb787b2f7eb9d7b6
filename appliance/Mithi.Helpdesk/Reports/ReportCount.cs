using Mithi.Helpdesk.Tickets;

namespace Mithi.Helpdesk.Reports;

/// <summary>Adds tickets up to the lines of a report.</summary>
internal sealed class ReportCount
{
    private readonly int[] counts = new int[Enum.GetValues<Measure>().Length];
    private readonly List<long> response = [];
    private readonly List<long> next = [];
    private readonly List<long> resolution = [];
    private readonly Dictionary<Level, List<long>> levels = [];

    /// <param name="bits">As <see cref="Measures.Bits"/> has them.</param>
    public void Add(IReadOnlyList<Measure> measures, long bits, int tickets = 1)
    {
        for (var i = 0; i < measures.Count; i++)
            if ((bits & 1L << i) != 0) counts[(int)measures[i]] += tickets;
    }

    public void Took(long? responseUsed, long? nextUsed, long? resolutionUsed)
    {
        if (responseUsed is { } answered) response.Add(answered);
        if (nextUsed is { } again) next.Add(again);
        if (resolutionUsed is { } resolved) resolution.Add(resolved);
    }

    /// <summary>How long a level had a ticket.</summary>
    public void Had(Level level, long milliseconds)
    {
        if (!levels.TryGetValue(level, out var times)) levels[level] = times = [];
        times.Add(milliseconds);
        counts[(int)Measures.OfLevels[(int)level]]++;
    }

    public void Add(ReportCount other)
    {
        foreach (var (level, times) in other.levels)
            if (!levels.TryAdd(level, [.. times])) levels[level].AddRange(times);
        for (var i = 0; i < counts.Length; i++) counts[i] += other.counts[i];
        response.AddRange(other.response);
        next.AddRange(other.next);
        resolution.AddRange(other.resolution);
    }

    public ReportLine Line(string key, string? name) => new(key, name, Enum.GetValues<Measure>().ToDictionary(m => m, m => counts[(int)m]),
        Spread.Of(response), Spread.Of(next), Spread.Of(resolution), levels.ToDictionary(l => l.Key, l => Spread.Of(l.Value)));
}
