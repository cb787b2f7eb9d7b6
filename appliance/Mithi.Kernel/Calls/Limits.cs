using NodaTime;

namespace Mithi.Kernel.Calls;

/// <summary>Every bound of calls with a key in one place.</summary>
internal static class Limits
{
    // Enough for a number with a long name before it; the schema says the same.
    public const int KeyCharsMax = 255;

    // A program that was cut off tries again within minutes, and one that waits for its people on the next morning.
    public static readonly Duration KeyLife = Duration.FromDays(1);

    // An answer says what a ticket is now; the largest has the messages that somebody wrote meanwhile.
    public const int AnswerBytesMax = 256 << 10;

    // More than a program can send of one import in a day; a key a second all day stays below.
    public const int KeysPerCallerMax = 100_000;
}
