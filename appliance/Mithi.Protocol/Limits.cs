namespace Mithi.Protocol;

/// <summary>Every bound of the connection between a site and its node. Past one, a reader refuses; a writer asserts it.</summary>
public static class Limits
{
    // A keystroke waits for at most one frame of somebody else's download.
    public const int PayloadBytesMax = 16 << 10;

    // Facts of a machine with 200 disks and a plan's dry run fit eight times over.
    public const int ControlBytesMax = 256 << 10;

    // Two of the longest messages: one that is being put together and one that waits to be handled.
    public const int ControlWindow = 2 * ControlBytesMax;

    // What a queued message costs beside its bytes, so that a flood of empty ones is bounded too.
    public const int ControlCost = 64;

    // A console, a file both ways, a few forwards and the log; nobody has more at once on one server.
    public const int StreamsMax = 32;

    // specification "The connection between a site and its node": credit per kind of stream.
    public const int TerminalWindow = 128 << 10;
    public const int FileWindow = 1 << 20;
    public const int ForwardWindow = 256 << 10;
    public const int WindowMax = 1 << 20;

    // A send queue holds at most 1 MiB; whoever writes faster waits.
    public const int QueuedFramesMax = 64;

    // After so many interactive frames in a row one bulk frame goes, so that a download never stops altogether.
    public const int InteractiveInARow = 16;

    // One log message; what a site has kept longer goes in several.
    public const int LogEntriesMax = 500;
    public const int LogTextCharsMax = 1_000;

    public const int JsonDepthMax = 16;
    public const int JsonTokensMax = 16_384;
    public const int TextCharsMax = 64 << 10;
    public const int CloseTextBytesMax = 512;
    public const int NameCharsMax = 64;

    public static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(30);

    // From the first byte to the welcome; a phone network in the hills needs seconds, an idle prober gets no more.
    public static readonly TimeSpan HandshakeMax = TimeSpan.FromSeconds(30);

    // How long a polite goodbye may take before the socket is cut.
    public static readonly TimeSpan GoodbyeMax = TimeSpan.FromSeconds(5);

    // specification "Remote installer", section 2: long enough for a phone call, short enough that a code is not left lying about.
    public static readonly TimeSpan PairingLifetime = TimeSpan.FromMinutes(15);
    public const int PairingTriesMax = 5;

    // Two machines from one medium are an accident worth showing; more is somebody knocking.
    public const int PendingPerSiteMax = 4;
    public const int PendingMax = 256;

    // A command that could not be delivered in this time is given again by a person, with what is known then.
    public static readonly TimeSpan CommandLifetime = TimeSpan.FromHours(1);

    public static readonly TimeSpan ReconnectFirst = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan ReconnectMax = TimeSpan.FromSeconds(60);

    // The reserved file on the boot medium.
    public const int StampBytesMax = 256 << 10;
}
