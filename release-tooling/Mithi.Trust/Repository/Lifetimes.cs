namespace Mithi.Trust.Repository;

/// <summary>How long metadata that we sign is good for. Shorter shows a frozen mirror sooner, longer spares the key holders.</summary>
public static class Lifetimes
{
    // Two of three key holders meet once a year.
    public static readonly TimeSpan Root = TimeSpan.FromDays(400);

    // Offline keys; a product that has no release for a year is signed again.
    public static readonly TimeSpan Targets = TimeSpan.FromDays(400);

    // The node signs these by itself at half their life. A partner's mirror may be cut off for a week and still serve.
    public static readonly TimeSpan Snapshot = TimeSpan.FromDays(30);
    public static readonly TimeSpan Timestamp = TimeSpan.FromDays(14);
}
