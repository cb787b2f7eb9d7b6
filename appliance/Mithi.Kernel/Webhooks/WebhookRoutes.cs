using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Settings;
using Mithi.Kernel.Web;
using Mithi.Kernel.Webhooks.Pages;
using NodaTime;
using NodaTime.Text;

namespace Mithi.Kernel.Webhooks;

/// <summary>Hooks of one's organisation, or of the node: made, looked at, tried, told again.</summary>
internal static class WebhookRoutes
{
    private static readonly LocalDateTimePattern Typed = LocalDateTimePattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd'T'HH':'mm");

    private static readonly IReadOnlyDictionary<string, string> DoneWords = new Dictionary<string, string>
    {
        ["saved"] = "Saved.", ["ping"] = "A test is on its way: load this page again in a moment.", ["replay"] = "It is sent again.",
    };

    public static void Map(IEndpointRouteBuilder routes)
    {
        var hooks = routes.MapGroup("/webhooks").Needs(Permission.WebhookManage);
        hooks.MapGet("", ListAsync);
        hooks.MapGet("/new", NewAsync);
        hooks.MapPost("/new", AddAsync).CountsAsWrite();
        hooks.MapGet("/{id}", ShowAsync);
        hooks.MapPost("/{id}", ChangeAsync).CountsAsWrite();
        hooks.MapPost("/{id}/secret", RotateAsync).CountsAsWrite();
        hooks.MapPost("/{id}/on", (WebhookId id, CurrentPerson me, WebhookStore store, CancellationToken ct) => TurnAsync(id, true, me, store, ct)).CountsAsWrite();
        hooks.MapPost("/{id}/off", (WebhookId id, CurrentPerson me, WebhookStore store, CancellationToken ct) => TurnAsync(id, false, me, store, ct)).CountsAsWrite();
        hooks.MapPost("/{id}/remove", RemoveAsync).CountsAsWrite();
        hooks.MapPost("/{id}/ping", PingAsync).CountsAsWrite();
        hooks.MapPost("/{id}/replay", ReplayAsync).CountsAsWrite();
        hooks.MapPost("/{id}/deliveries/{delivery}/replay", ReplayOneAsync).CountsAsWrite();
        hooks.MapGet("/{id}/deliveries/{delivery}.json", BodyAsync);
    }

    private static async Task<IResult> ListAsync(CurrentPerson me, WebhookStore store, CancellationToken ct)
        => WebhooksPage.Create(new(await store.ListAsync(me, ct), IsAdministrator(me)));

    private static IResult NewAsync(CurrentPerson me, IEnumerable<WebhookEventKind> kinds)
        => WebhookNew.Create(new(new("", []), WebhookForm.Choices(kinds, IsAdministrator(me)), null));

    private static async Task<IResult> AddAsync(IFormCollection fields, CurrentPerson me, WebhookStore store, SettingStore settings,
        IEnumerable<WebhookEventKind> kinds, HttpContext context, CancellationToken ct)
    {
        var choices = WebhookForm.Choices(kinds, IsAdministrator(me));
        var (form, errors) = WebhookForm.Read(fields, choices, await MayBePrivateAsync(settings, IsAdministrator(me), ct));
        if (!errors.Any)
        {
            if (await store.AddAsync(form.Url, form.Events, me, ct) is { } made) return WebhookSecret.Create(new(made));
            errors.Add("", "There are as many webhooks as there may be. Remove one first.");
        }
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return WebhookNew.Create(new(form, choices, errors));
    }

    private static async Task<IResult> ShowAsync(WebhookId id, long? before, string? done, CurrentPerson me, WebhookStore store, IEnumerable<WebhookEventKind> kinds, CancellationToken ct)
        => await store.FindAsync(id, me, ct) is { } hook
            ? WebhookShow.Create(await ModelAsync(hook, null, null, ("", ""), DoneWords.GetValueOrDefault(done ?? "", ""), before, store, kinds, ct)) : TypedResults.NotFound();

    private static async Task<IResult> ChangeAsync(WebhookId id, IFormCollection fields, CurrentPerson me, WebhookStore store, SettingStore settings,
        IEnumerable<WebhookEventKind> kinds, HttpContext context, CancellationToken ct)
    {
        if (await store.FindAsync(id, me, ct) is not { } hook) return TypedResults.NotFound();
        var (form, errors) = WebhookForm.Read(fields, WebhookForm.Choices(kinds, hook.IsOwn), await MayBePrivateAsync(settings, hook.IsOwn, ct));
        if (!errors.Any && await store.ChangeAsync(id, form.Url, form.Events, me, ct)) return new SeeOther($"/webhooks/{id}?done=saved");
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return WebhookShow.Create(await ModelAsync(hook, form, errors, ("", ""), "", null, store, kinds, ct));
    }

    private static async Task<IResult> RotateAsync(WebhookId id, CurrentPerson me, WebhookStore store, CancellationToken ct)
        => await store.RotateAsync(id, me, ct) is { } made ? WebhookSecret.Create(new(made)) : TypedResults.NotFound();

    private static async Task<IResult> TurnAsync(WebhookId id, bool on, CurrentPerson me, WebhookStore store, CancellationToken ct)
        => await store.TurnAsync(id, on, me, ct) ? new SeeOther($"/webhooks/{id}?done=saved") : TypedResults.NotFound();

    private static async Task<IResult> RemoveAsync(WebhookId id, CurrentPerson me, WebhookStore store, CancellationToken ct)
        => await store.RemoveAsync(id, me, ct) ? new SeeOther("/webhooks") : TypedResults.NotFound();

    private static async Task<IResult> PingAsync(WebhookId id, CurrentPerson me, Db db, WebhookOutbox outbox, TimeProvider time, CancellationToken ct)
        => await db.WriteAsync(async tx =>
        {
            if (await WebhookStore.FindAsync(tx, id, me) is not { } hook) return false;
            await outbox.PingAsync(tx, hook, time.GetCurrentInstant());
            return true;
        }, ct) ? new SeeOther($"/webhooks/{id}?done=ping") : TypedResults.NotFound();

    private static async Task<IResult> ReplayOneAsync(WebhookId id, DeliveryId delivery, CurrentPerson me, Db db, WebhookOutbox outbox, TimeProvider time, CancellationToken ct)
        => await db.WriteAsync(async tx =>
        {
            if (await WebhookStore.FindAsync(tx, id, me) is null || await WebhookStore.DeliveryAsync(tx, id, delivery) is null) return false;
            await WebhookStore.ReplayAsync(tx, id, delivery, time.GetCurrentInstant());
            await outbox.QueueAsync(tx, id);
            return true;
        }, ct) ? new SeeOther($"/webhooks/{id}?done=replay") : TypedResults.NotFound();

    /// <summary>All that happened between two times of the reader's clock.</summary>
    private static async Task<IResult> ReplayAsync(WebhookId id, IFormCollection fields, CurrentPerson me, Db db, WebhookStore store, WebhookOutbox outbox,
        IEnumerable<WebhookEventKind> kinds, TimeProvider time, HttpContext context, CancellationToken ct)
    {
        if (await store.FindAsync(id, me, ct) is not { } hook) return TypedResults.NotFound();
        var (from, to) = (Typed.Parse(fields.Line("from")), Typed.Parse(fields.Line("to")));
        if (from.Success && to.Success && from.Value < to.Value)
        {
            var (first, end) = (At(from.Value, me), At(to.Value, me));
            await db.WriteAsync(async tx =>
            {
                await WebhookStore.ReplayAsync(tx, id, first, end, time.GetCurrentInstant());
                await outbox.QueueAsync(tx, id);
            }, ct);
            return new SeeOther($"/webhooks/{id}?done=replay");
        }
        context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return WebhookShow.Create(await ModelAsync(hook, null, new FormErrors().Add("from", "Give two times, the earlier one first."),
            (fields.Line("from"), fields.Line("to")), "", null, store, kinds, ct));
    }

    /// <summary>What is sent, to the byte.</summary>
    private static async Task<IResult> BodyAsync(WebhookId id, DeliveryId delivery, CurrentPerson me, WebhookStore store, CancellationToken ct)
        => await store.FindAsync(id, me, ct) is not null && await store.BodyAsync(id, delivery, ct) is { } body
            ? TypedResults.Text(body, "application/json; charset=utf-8") : TypedResults.NotFound();

    private static Instant At(LocalDateTime local, CurrentPerson me) => local.InZoneLeniently(me.Zone).ToInstant();

    private static bool IsAdministrator(CurrentPerson me) => me.ScopeOf(Permission.WebhookManage) == Scope.All;

    private static async Task<bool> MayBePrivateAsync(SettingStore settings, bool isOwn, CancellationToken ct)
        => WebhookSettings.MayBePrivate(await settings.TextAsync(WebhookSettings.PrivateTargets, ct), isOwn);

    private static async Task<WebhookModel> ModelAsync(Webhook hook, WebhookForm? form, FormErrors? errors, (string From, string To) span, string done, long? before,
        WebhookStore store, IEnumerable<WebhookEventKind> kinds, CancellationToken ct)
    {
        var lines = await store.DeliveriesAsync(hook.Id, before, Limits.PageRows + 1, ct);
        return new(hook, form ?? new(hook.Url, hook.EventNames), WebhookForm.Choices(kinds, hook.IsOwn), [.. lines.Take(Limits.PageRows)],
            lines.Count > Limits.PageRows ? lines[Limits.PageRows - 1].Id.Value : null, span, errors, done);
    }
}
