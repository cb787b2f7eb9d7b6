namespace Mithi.ReleaseTool;

/// <summary>Every bound of the release tool, with its reason.</summary>
internal static class Limits
{
    // A release.json is written by hand; its notes are the largest part.
    public const int ReleaseFileBytesMax = 1 << 20;

    // An answer of the node is a number or a refusal with its reason.
    public const int AnswerBytesMax = 256 << 10;

    // A node that is restarted for an update is back within a minute; more tries only hide that it is not.
    public const int TriesMax = 5;
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    // Small answers come at once or never; an upload has its own bound below.
    public static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(100);

    // The slowest line that a release is published over: 32 KB/s, and never less than the answer's bound.
    public const long UploadBytesPerSecondMin = 32 << 10;

    // A token file has one line; anything longer is the wrong file.
    public const int TokenCharsMax = 1_024;
}
