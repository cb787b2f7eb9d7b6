namespace Mithi.Cli;

/// <summary>Every bound of this module, with its reason.</summary>
public static class Limits
{
    // A program that floods us must not take our memory; nobody reads more than this in an error text.
    public const int OutputBytesMax = 1 << 20;

    // A daemon started by a script keeps the script's pipe open: we stop listening this long after the script's own end.
    public static readonly TimeSpan PipeGrace = TimeSpan.FromSeconds(2);

    // A terminal redrawn more often than this flickers and eats a serial console's line.
    public static readonly TimeSpan RedrawMin = TimeSpan.FromMilliseconds(150);

    // A second Ctrl-C is not needed when the first is answered within this; a kill -9 follows in systemd after 90 s anyway.
    public static readonly TimeSpan StopMax = TimeSpan.FromSeconds(20);
}
