namespace Mithi.Kernel.Webhooks;

/// <summary>What readers call the states: English keys and the colours of their badges.</summary>
public static class WebhookWords
{
    public static string Of(Webhook hook) => hook.State switch
    {
        WebhookState.Off => "turned off",
        WebhookState.Stopped => "stopped",
        _ => hook.IsFailing ? "failing" : "on",
    };

    public static string Badge(Webhook hook) => hook.State switch
    {
        WebhookState.Off => "badge",
        WebhookState.Stopped => "badge bad",
        _ => hook.IsFailing ? "badge warn" : "badge good",
    };

    public static string Of(DeliveryState state) => state switch
    {
        DeliveryState.Pending => "waiting",
        DeliveryState.Delivered => "taken",
        DeliveryState.Failed => "given up",
        _ => "missed",
    };

    public static string Badge(DeliveryState state) => state switch
    {
        DeliveryState.Delivered => "badge good",
        DeliveryState.Pending => "badge",
        _ => "badge bad",
    };
}
