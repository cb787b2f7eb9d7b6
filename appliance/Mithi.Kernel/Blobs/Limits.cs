namespace Mithi.Kernel.Blobs;

/// <summary>Every bound of the blobs in one place. How long a blob may be is its caller's bound.</summary>
internal static class Limits
{
    // Enough for a disk to write in one go, small enough for a hundred uploads at once.
    public const int CopyBufferBytes = 128 << 10;
}
