using Microsoft.AspNetCore.Http;
using Mithi.Kernel.Web;

namespace Mithi.Kernel.Webhooks;

/// <summary>What the browser sends of a hook; kept as it was typed, right or wrong.</summary>
public sealed record WebhookForm(string Url, IReadOnlyList<string> Events)
{
    public static (WebhookForm Form, FormErrors Errors) Read(IFormCollection fields, IReadOnlyList<WebhookEventKind> choices, bool mayBePrivate)
    {
        var form = new WebhookForm(fields.Line("url"), [.. choices.Select(c => c.Name).Where(n => fields.Flag($"event-{n}"))]);
        var errors = new FormErrors();
        if (WebhookTarget.Mistake(form.Url, mayBePrivate) is { } mistake) errors.Add("url", mistake);
        if (form.Events.Count == 0) errors.Add("events", "Choose what it is told of.");
        return (form, errors);
    }

    /// <summary>What somebody may have his hooks told of.</summary>
    public static IReadOnlyList<WebhookEventKind> Choices(IEnumerable<WebhookEventKind> all, bool isOwn) => [.. all.Where(k => isOwn || !k.IsInternal)];
}

/// <param name="IsAdministrator">Sees also hooks of others, and whose they are.</param>
public sealed record WebhooksModel(IReadOnlyList<Webhook> Webhooks, bool IsAdministrator);

public sealed record NewWebhookModel(WebhookForm Form, IReadOnlyList<WebhookEventKind> Choices, FormErrors? Errors);

/// <param name="Next">Older deliveries are before this one; null when there are none.</param>
/// <param name="Span">The times of the form that tells again, as they were typed.</param>
/// <param name="Done">What was just done, as an English key.</param>
public sealed record WebhookModel(
    Webhook Webhook, WebhookForm Form, IReadOnlyList<WebhookEventKind> Choices, IReadOnlyList<Delivery> Deliveries, long? Next, (string From, string To) Span,
    FormErrors? Errors, string Done);

public sealed record WebhookSecretModel(NewWebhookSecret Secret);
