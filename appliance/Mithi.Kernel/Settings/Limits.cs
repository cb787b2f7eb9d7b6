namespace Mithi.Kernel.Settings;

/// <summary>Every bound of the settings in one place.</summary>
internal static class Limits
{
    // A private key pasted as a secret is the longest thing that anybody has reason to give.
    public const int ValueCharsMax = 16_384;
}
