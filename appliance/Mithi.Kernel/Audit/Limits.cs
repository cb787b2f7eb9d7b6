namespace Mithi.Kernel.Audit;

/// <summary>Every bound of the audit log in one place.</summary>
internal static class Limits
{
    // The names of actions are ours; a long one is a bug.
    public const int ActionCharsMax = 60;

    // Parts of these come from outside, such as a browser's name or an address that somebody tried: cut, never refused.
    public const int LabelCharsMax = 300;
    public const int SubjectCharsMax = 300;
    public const int DetailCharsMax = 2_000;

    // Rows a transaction while verifying: a reader must not be held open over millions.
    public const int VerifyRows = 1_000;

    public const int PageRows = 50;
}
