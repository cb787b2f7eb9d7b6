namespace Mithi.Customers;

/// <summary>Every bound of customers in one place.</summary>
internal static class Limits
{
    public const int PlanLengthMax = 100;
    public const int ProductLengthMax = 100;

    // A book of a setup document; longer ones belong into the wiki, in pages.
    public const int SetupLengthMax = 200_000;
    public const int NoteLengthMax = 200;

    // A promise of more than a year is a typing mistake.
    public const int TargetMinutesMax = 60 * 24 * 366;

    // More per customer than any has; the page stays one page.
    public const int SubscriptionsMax = 50;
    public const int EntitlementsMax = 200;
    public const int RevisionsShown = 200;

    public const int ContactCharsMax = 200;

    // Numbers, and addresses, of one contact; and all that can be typed of them.
    public const int WaysMax = 10;
    public const int WaysCharsMax = 4_000;
}
