using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Kernel.People;
using Mithi.Kernel.Settings.Pages;
using Mithi.Kernel.Web;

namespace Mithi.Kernel.Settings;

/// <summary>One field of the page.</summary>
/// <param name="Value">What is shown: what was typed, or what is in force. Never a secret.</param>
/// <param name="IsGiven">For a secret: whether there is one.</param>
public sealed record SettingLine(Setting Setting, string Value, bool IsGiven);

/// <param name="Group">The English heading.</param>
/// <param name="Errors">Null unless this group was just sent with mistakes.</param>
public sealed record SettingGroup(string Group, IReadOnlyList<SettingLine> Lines, FormErrors? Errors);

/// <param name="Saved">Something was just saved.</param>
public sealed record SettingsModel(IReadOnlyList<SettingGroup> Groups, bool Saved);

internal static class SettingRoutes
{
    /// <summary>The field beside a secret that forgets it.</summary>
    public const string Forget = ".forget";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var settings = routes.MapGroup("/settings").Needs(Permission.SettingsManage);
        settings.MapGet("", ShowAsync);
        settings.MapPost("", SaveAsync);
    }

    private static async Task<IResult> ShowAsync(string? saved, SettingCatalog catalog, SettingStore store, CancellationToken ct)
        => SettingsPage.Create(await ModelAsync(catalog, store, null, null, null, saved == "1", ct));

    private static async Task<IResult> SaveAsync(
        IFormCollection fields, CurrentPerson me, SettingCatalog catalog, SettingStore store, HttpContext context, CancellationToken ct)
    {
        var group = fields["group"].ToString();
        var typed = new Dictionary<string, string>();
        foreach (var setting in catalog.All.Where(s => s.Group == group))
        {
            var value = fields[setting.Key].ToString().ReplaceLineEndings("\n");
            // A secret's field is always empty when it is shown, so an empty one means "as it was".
            if (setting.Kind != SettingKind.Secret || value.Length > 0) typed[setting.Key] = setting.Kind == SettingKind.Secret ? value : value.Trim();
            else if (fields[setting.Key + Forget] == "1") typed[setting.Key] = "";
        }
        var mistakes = await store.ChangeAsync(typed, me, ct);
        if (mistakes.Count == 0) return new SeeOther("/settings?saved=1");
        var errors = new FormErrors();
        foreach (var (key, mistake) in mistakes) errors.Add(key, mistake);
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return SettingsPage.Create(await ModelAsync(catalog, store, group, typed, errors, false, ct));
    }

    private static async Task<SettingsModel> ModelAsync(SettingCatalog catalog, SettingStore store, string? sent,
        Dictionary<string, string>? typed, FormErrors? errors, bool saved, CancellationToken ct)
    {
        var groups = new List<SettingGroup>();
        foreach (var group in catalog.All.GroupBy(s => s.Group))
        {
            var lines = new List<SettingLine>();
            foreach (var setting in group)
            {
                var value = setting.Kind == SettingKind.Secret ? ""
                    : group.Key == sent ? typed!.GetValueOrDefault(setting.Key, "") : await store.ShownAsync(setting, ct);
                lines.Add(new(setting, value, await store.IsGivenAsync(setting, ct)));
            }
            groups.Add(new(group.Key, lines, group.Key == sent ? errors : null));
        }
        return new(groups, saved);
    }
}
