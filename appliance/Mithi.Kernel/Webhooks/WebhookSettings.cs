using Mithi.Kernel.Settings;

namespace Mithi.Kernel.Webhooks;

/// <summary>What hooks of this node may do.</summary>
public static class WebhookSettings
{
    public static readonly Setting PrivateTargets = new()
    {
        Key = "webhook.private-targets", Group = "Webhooks", Title = "Private addresses", Kind = SettingKind.Choice, Default = "nobody",
        Choices = [("nobody", "No hook calls them"), ("own", "The node's own hooks may call them"), ("everybody", "Customers' hooks may call them too")],
        Help = "Machines in this node's own network, and the node itself. Whoever makes a hook could reach through it what is not open to him.",
    };

    public static PrivateTargets Read(string value) => value switch
    {
        "own" => Webhooks.PrivateTargets.Own,
        "everybody" => Webhooks.PrivateTargets.Everybody,
        _ => Webhooks.PrivateTargets.Nobody,
    };

    public static bool MayBePrivate(string value, bool isOwn) => Read(value) switch
    {
        Webhooks.PrivateTargets.Everybody => true,
        Webhooks.PrivateTargets.Own => isOwn,
        _ => false,
    };
}
