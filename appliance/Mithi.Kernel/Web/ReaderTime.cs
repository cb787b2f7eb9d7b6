using Microsoft.AspNetCore.Html;
using NodaTime;
using NodaTime.Text;

namespace Mithi.Kernel.Web;

/// <summary>Times as their reader sees them: in his zone, with the exact instant for programs.</summary>
public static class ReaderTime
{
    private static readonly LocalDateTimePattern Shown = LocalDateTimePattern.CreateWithInvariantCulture("yyyy-MM-dd HH:mm");

    public static string Text(Instant at, DateTimeZone zone) => Shown.Format(at.InZone(zone).LocalDateTime);

    internal static IHtmlContent Html(Instant at, DateTimeZone zone, string language) => new HtmlString(
        $"<time datetime=\"{InstantPattern.General.Format(at)}\" title=\"{zone.Id}\" lang=\"{language}\">{Text(at, zone)}</time>");
}

public static class TimeProviderInstant
{
    public static Instant GetCurrentInstant(this TimeProvider time) => Instant.FromDateTimeOffset(time.GetUtcNow());
}
