namespace Mithi.Helpdesk.Reports;

/// <summary>Adds tickets up to the lines of a report.</summary>
internal sealed class ReportCount
{
    private readonly int[] counts = new int[Enum.GetValues<Measure>().Length];
    private readonly List<long> response = [];
    private readonly List<long> next = [];
    private readonly List<long> resolution = [];

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

    public void Add(ReportCount other)
    {
        for (var i = 0; i < counts.Length; i++) counts[i] += other.counts[i];
        response.AddRange(other.response);
        next.AddRange(other.next);
        resolution.AddRange(other.resolution);
    }

    public ReportLine Line(string key, string? name) => new(key, name, Enum.GetValues<Measure>().ToDictionary(m => m, m => counts[(int)m]),
        Spread.Of(response), Spread.Of(next), Spread.Of(resolution));
}
