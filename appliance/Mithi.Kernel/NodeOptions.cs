using Mithi.Kernel.Data;

namespace Mithi.Kernel;

/// <summary>What a node is told when it starts. Everything else is a setting, changed on its page.</summary>
public sealed record NodeOptions
{
    public required DataFolder Folder { get; init; }

    public required DbOptions Db { get; init; }

    /// <summary>Addresses to listen on, such as <c>http://127.0.0.1:8480</c>. Port 0 takes a free one.</summary>
    public required IReadOnlyList<Uri> Listen { get; init; }

    /// <summary>How people reach the node, for links in mails. Null: the first address it listens on.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>A proxy on this machine speaks for the clients (X-Forwarded-For and -Proto are believed from loopback).</summary>
    public bool BehindProxy { get; init; }

    /// <summary>Structured logs for a service; plain ones for a person at a terminal.</summary>
    public bool JsonLog { get; init; }

    public static string Version { get; } = typeof(NodeOptions).Assembly.GetName().Version!.ToString(3);
}
