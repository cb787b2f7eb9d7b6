using System.Globalization;
using Mithi.Kernel.Settings;
using NodaTime;

namespace Mithi.Helpdesk.Sla;

/// <summary>When and whom this node warns before a promise ends.</summary>
public static class WarnSettings
{
    private const string Group = "Promises";

    public static readonly Setting Percents = new()
    {
        Key = "helpdesk.warn-percent", Group = Group, Title = "Warn when so much of a promise is used", Default = "80",
        Help = "Percent of the working time, like 50 80. Empty: never.",
        Check = text => Read(text) is { } numbers && numbers.All(n => n is > 0 and < 100) ? null : "Give percents from 1 to 99, with blanks between them.",
    };

    public static readonly Setting Minutes = new()
    {
        Key = "helpdesk.warn-minutes", Group = Group, Title = "Warn so many minutes before a promise ends", Default = "30",
        Help = "Minutes of working time, like 60 15. Empty: never.",
        Check = text => Read(text) is { } numbers && numbers.All(n => n is > 0 and <= 10_000) ? null : "Give minutes, with blanks between them.",
    };

    public static readonly Setting Mail = new()
    {
        Key = "helpdesk.warn-mail", Group = Group, Title = "Mail the warning to", Kind = SettingKind.Choice, Default = "assignee",
        Choices = [("nobody", "Nobody: it stands in the ticket"), ("assignee", "Whoever has the ticket"), ("level", "Whoever has it, or else everybody of its level")],
    };

    public static IReadOnlyList<Setting> All { get; } = [Percents, Minutes, Mail];

    internal static async ValueTask<WarningPoints> PointsAsync(SettingStore settings, CancellationToken ct)
        => new(Read(await settings.TextAsync(Percents, ct)) ?? [], Read(await settings.TextAsync(Minutes, ct)) ?? []);

    /// <summary>Null when it is not a short list of numbers.</summary>
    private static int[]? Read(string text)
    {
        var words = text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        var numbers = words.Select(w => int.TryParse(w, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1).ToArray();
        return numbers.Length <= Limits.WarningPointsMax && !numbers.Contains(-1) ? numbers : null;
    }
}

/// <summary>How much of a promise is used when somebody is warned: points of working time, so that none falls into the night.</summary>
internal sealed record WarningPoints(IReadOnlyList<int> Percents, IReadOnlyList<int> MinutesBefore)
{
    public static WarningPoints None { get; } = new([], []);

    /// <summary>The points of a promise, in order.</summary>
    public IEnumerable<Duration> Of(Duration target) => Percents.Select(p => target * (p / 100.0))
        .Concat(MinutesBefore.Select(m => target - Duration.FromMinutes(m))).Where(used => used > Duration.Zero && used < target).Distinct().Order();
}
