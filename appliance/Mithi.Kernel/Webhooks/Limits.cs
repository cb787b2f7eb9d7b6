using NodaTime;

namespace Mithi.Kernel.Webhooks;

/// <summary>Every bound of the webhooks in one place.</summary>
internal static class Limits
{
    public const int UrlCharsMax = 500;

    // A handful of programs an organisation; more is a program that makes hooks.
    public const int WebhooksMax = 20;

    // A receiver takes the event in and works on it later; who needs longer to say so is not well.
    public static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(10);

    // The answer's head is for a person to read; nothing of it is acted on.
    public const int AnswerBytesMax = 2_000;
    public const int AnswerCharsMax = 500;
    public const int AnswerHeaderKilobytesMax = 16;

    // After a failure: 30 s, 1, 2, 4, 8, 16, 32 min, then every hour.
    public static readonly Duration BackoffMin = Duration.FromSeconds(30);
    public static readonly Duration BackoffMax = Duration.FromHours(1);

    // One event that a receiver can't take holds those behind it no longer than this.
    public static readonly Duration DeliveryMax = Duration.FromHours(24);

    // A weekend's outage passes; a program that nobody runs any more is not called for ever.
    public static readonly Duration FailingMax = Duration.FromHours(72);

    // Whoever rotates a secret has this long to give the new one to the receiver.
    public static readonly Duration OldSecretLife = Duration.FromHours(24);

    // What was told can be looked at and told again this long.
    public static readonly Duration Kept = Duration.FromDays(30);

    // Waiting for one hook; what comes on top is noted as missed and can be told again later.
    public const int PendingMax = 10_000;

    // Of the four jobs at once, so that slow receivers never hold up mail.
    public const int AtOnceMax = 2;

    // Then the others get their turn.
    public const int DeliveriesPerRun = 100;
    public static readonly Duration RunMax = Duration.FromSeconds(20);
    public static readonly Duration TurnPause = Duration.FromSeconds(3);

    public const int PageRows = 50;
}
