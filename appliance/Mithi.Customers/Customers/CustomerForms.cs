using System.Globalization;
using Microsoft.AspNetCore.Http;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;
using NodaTime.Text;

namespace Mithi.Customers.Customers;

/// <summary>What a form says of an entitlement.</summary>
public sealed record EntitlementForm(string Product, string From, string Below, string Channel, string Until, string Zone)
{
    public static EntitlementForm Empty(string zone) => new("", "", "", "stable", "", zone);

    public static (EntitlementForm Form, EntitlementDraft? Draft, FormErrors Errors) Read(IFormCollection fields)
    {
        var form = new EntitlementForm(fields.Line("product"), fields.Line("from"), fields.Line("below"), fields.Line("channel"),
            fields.Line("until"), fields.Line("zone"));
        var errors = new FormErrors();
        if (form.Product.Length is 0 or > Limits.ProductLengthMax || !form.Product.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            errors.Add("product", "Give the product's short name: small letters, digits and dashes.");
        if (form.From.Length > 0 && ProductVersion.Parse(form.From) is null) errors.Add("from", "Write a version like 1.0.0 or 1.0.0-sp1.");
        if (form.Below.Length > 0 && ProductVersion.Parse(form.Below) is null) errors.Add("below", "Write a version like 1.0.0 or 1.0.0-sp1.");
        else if (form.From != form.Below && ProductVersion.Parse(form.From) >= ProductVersion.Parse(form.Below)) errors.Add("below", "The range is empty: this must be above the first version.");
        if (form.Channel != Entitlement.EveryChannel && (form.Channel.Length is 0 or > 50 || !form.Channel.All(c => char.IsAsciiLetterLower(c) || c == '-')))
            errors.Add("channel", "Give a channel such as stable, or * for every one.");
        var until = Dates.Read(form.Until, "until", errors);
        if (Zones.Find(form.Zone) is null) errors.Add("zone", "Choose a time zone from the list.");
        return (form, errors.Any ? null : new(form.Product, form.From, form.Below, form.Channel, until, form.Zone), errors);
    }
}

/// <summary>What a form says of a subscription.</summary>
public sealed record SubscriptionForm(
    string Plan, string Calendar, bool Hotline, bool Retroactive, string Until, string Zone, IReadOnlyDictionary<string, string> Minutes, int Revision)
{
    /// <summary>Begins with what the helpdesk promises everybody, so that nothing becomes worse by being agreed.</summary>
    public static SubscriptionForm Empty(string zone) => new("", "12x6", true, false, "", zone, new Dictionary<string, string>
    {
        ["P1-response"] = "60", ["P1-next"] = "60", ["P1-resolution"] = "480", ["P2-response"] = "240", ["P2-next"] = "240", ["P2-resolution"] = "1440",
        ["P3-response"] = "480", ["P3-next"] = "480", ["P3-resolution"] = "3600", ["P4-response"] = "1440", ["P4-next"] = "1440", ["P4-resolution"] = "7200",
    }, 0);

    public static SubscriptionForm Of(Subscription it) => new(it.Plan, it.Calendar, it.Hotline, it.Retroactive, LocalDatePattern.Iso.Format(it.UntilDate),
        it.TimeZone, it.Targets.SelectMany(t => new (string Field, int? Minutes)[] { ($"{t.Priority}-response", t.ResponseMinutes),
            ($"{t.Priority}-next", t.NextResponseMinutes), ($"{t.Priority}-resolution", t.ResolutionMinutes) })
            .ToDictionary(t => t.Field, t => t.Minutes?.ToString(CultureInfo.InvariantCulture) ?? ""), it.Revision);

    public static (SubscriptionForm Form, SubscriptionDraft? Draft, FormErrors Errors) Read(IFormCollection fields, IReadOnlyList<string> calendars)
    {
        var minutes = Enum.GetValues<Priority>().SelectMany(p => new[] { $"{p}-response", $"{p}-next", $"{p}-resolution" }).ToDictionary(n => n, fields.Line);
        var form = new SubscriptionForm(fields.Line("plan"), fields.Line("calendar"), fields.Flag("hotline"), fields.Flag("retroactive"), fields.Line("until"),
            fields.Line("zone"), minutes, int.TryParse(fields.Line("revision"), out var revision) ? revision : 0);
        var errors = new FormErrors();
        if (form.Plan.Length is 0 or > Limits.PlanLengthMax) errors.Add("plan", "Give the plan's name, at most 100 characters.");
        if (!calendars.Contains(form.Calendar)) errors.Add("calendar", "Choose one of the list.");
        var until = Dates.Read(form.Until, "until", errors);
        if (Zones.Find(form.Zone) is null) errors.Add("zone", "Choose a time zone from the list.");
        var targets = Enum.GetValues<Priority>().Select(p => ReadTarget(p, minutes, errors)).OfType<Target>().ToArray();
        return (form, errors.Any ? null : new(form.Plan, form.Calendar, form.Hotline, until, form.Zone, targets, form.Retroactive), errors);
    }

    // All empty: the standard promise holds for this priority.
    private static Target? ReadTarget(Priority priority, Dictionary<string, string> minutes, FormErrors errors)
    {
        var (response, next, resolution) = (minutes[$"{priority}-response"], minutes[$"{priority}-next"], minutes[$"{priority}-resolution"]);
        if (response.Length == 0 && next.Length == 0 && resolution.Length == 0) return null;
        var first = ReadMinutes(response, $"{priority}-response", errors);
        var last = ReadMinutes(resolution, $"{priority}-resolution", errors);
        if (first > last && last > 0) errors.Add($"{priority}-resolution", "A solution can't be promised before the first response.");
        return new(priority, first, last, next.Length > 0 ? ReadMinutes(next, $"{priority}-next", errors) : null);
    }

    private static int ReadMinutes(string text, string field, FormErrors errors)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) && minutes is > 0 and <= Limits.TargetMinutesMax)
            return minutes;
        errors.Add(field, "Give minutes of working time, more than 0.");
        return 0;
    }
}

/// <summary>A new state of a setup document.</summary>
public sealed record SetupForm(string Body, string Note, int Revision)
{
    public static (SetupForm Form, FormErrors Errors) Read(IFormCollection fields)
    {
        var body = fields.Raw("body").Replace("\r\n", "\n").Replace("\0", "");
        var form = new SetupForm(body, fields.Line("note"), int.TryParse(fields.Line("revision"), out var revision) ? revision : 0);
        var errors = new FormErrors();
        if (body.Length > Limits.SetupLengthMax) errors.Add("body", "This is too long: at most 200,000 characters.");
        if (form.Note.Length > Limits.NoteLengthMax) errors.Add("note", "Say it in at most 200 characters.");
        return (form, errors);
    }
}

internal static class Dates
{
    public static LocalDate Read(string text, string field, FormErrors errors)
    {
        var parsed = LocalDatePattern.Iso.Parse(text);
        if (parsed.Success && parsed.Value.Year is >= 2000 and <= 2200) return parsed.Value;
        errors.Add(field, "Give a day like 2027-03-31.");
        return default;
    }
}
