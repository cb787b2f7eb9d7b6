using Mithi.Helpdesk.Tickets;

namespace Mithi.Helpdesk.Levels;

/// <summary>What each level wants to be given with a ticket, so that it need not be asked for after the hand-over.</summary>
/// <param name="Version">Of what was saved; 0 for what the program begins with.</param>
public sealed record EvidenceList(long Version, IReadOnlyDictionary<Level, IReadOnlyList<string>> Questions)
{
    public static EvidenceList Standard { get; } = new(0, new Dictionary<Level, IReadOnlyList<string>>
    {
        [Level.L2] = ["The version is known", "What was tried is written down", "A log or a picture is attached"],
        [Level.L3] = ["It can be reproduced", "The configuration was seen"],
        [Level.Development] = ["The smallest steps that show it are written down", "The versions that are affected are known"],
    });

    /// <summary>The levels that can ask: a first level has nobody below it.</summary>
    public static IReadOnlyList<Level> Levels { get; } = [Level.L2, Level.L3, Level.Development];

    /// <summary>What is asked on this way. Who gives a ticket back down is asked nothing: it brought its evidence on the way up.</summary>
    public IReadOnlyList<string> For(Level from, Level to) => to > from && Questions.TryGetValue(to, out var asked) ? asked : [];

    /// <summary>The answers in the order of the questions; what nobody asked is left out, and what nobody answered is there, empty.</summary>
    public IReadOnlyList<Evidence> Sort(Level from, Level to, IReadOnlyList<Evidence> given)
        => [.. For(from, to).Select(q => given.FirstOrDefault(e => e.Question == q) ?? new Evidence(q, false, ""))];
}
