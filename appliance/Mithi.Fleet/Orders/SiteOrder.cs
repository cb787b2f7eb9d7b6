using System.Text;
using Mithi.Fleet.Sites;
using Mithi.Protocol.Commands;
using Mithi.Protocol.Messages;
using NodaTime;

namespace Mithi.Fleet.Orders;

/// <summary>Where an order is. Stored by name.</summary>
public enum OrderState
{
    /// <summary>Until the site is connected.</summary>
    Waiting,
    /// <summary>Sent and not answered; sent again when the site connects anew.</summary>
    Sent,
    Done,
    Failed,
    /// <summary>Its machine was let go before it answered.</summary>
    Dropped,
}

/// <summary>What a site was told to do.</summary>
internal sealed record SiteOrder(
    OrderId Id, SiteId SiteId, long Counter, string Body, OrderState State, string GivenBy, Instant GivenAt, Instant ExpiresAt,
    Instant EndedAt, string Outcome, string Detail, string Fault)
{
    public CommandOrder TheBody => ProtocolJson.Read(Encoding.UTF8.GetBytes(Body), ProtocolJson.Default.CommandOrder);

    public bool IsOpen(Instant now) => State is OrderState.Waiting or OrderState.Sent && now < ExpiresAt;

    public bool HasExpired(Instant now) => State is OrderState.Waiting or OrderState.Sent && now >= ExpiresAt;

    /// <summary>The same text each time that it is sent, so that a site knows it by its counter.</summary>
    public Command ToCommand(Site site) => new($"order-{Id}", site.Code, site.Device, $"order:{Id}", Counter,
        GivenAt.ToDateTimeOffset(), ExpiresAt.ToDateTimeOffset(), TheBody);
}

/// <summary>Orders in words.</summary>
internal static class OrderWords
{
    /// <summary>The order's type, as its message names it.</summary>
    public static string Kind(CommandOrder order) => order switch
    {
        MakePlan => "make-plan",
        ApprovePlan => "approve-plan",
        RetryStep => "retry-step",
        AbortInstall => "abort-install",
        ApplyRelease => "apply-release",
        RollBack => "roll-back",
        _ => "send-report",
    };

    /// <summary>For the audit log.</summary>
    public static string English(CommandOrder order) => order switch
    {
        MakePlan => "make a plan",
        ApprovePlan plan => $"carry out plan {plan.PlanId}",
        RetryStep retry => $"retry from {retry.Step}",
        AbortInstall => "stop the installation",
        ApplyRelease apply => $"bring {apply.Product} to {apply.Version}",
        RollBack back => $"roll {back.Product} back",
        _ => "report",
    };

    /// <summary>A key for the page's texts and its values.</summary>
    public static (string Text, object?[] Values) Key(CommandOrder order) => order switch
    {
        MakePlan => ("Make a plan", []),
        ApprovePlan => ("Carry out the approved plan", []),
        RetryStep retry => ("Retry from {0}", [retry.Step]),
        AbortInstall => ("Stop the installation", []),
        ApplyRelease apply => ("Bring {0} to {1}", [apply.Product, apply.Version]),
        RollBack back => ("Roll {0} back", [back.Product]),
        _ => ("Run the health checks", []),
    };
}
