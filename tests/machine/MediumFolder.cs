using Mithi.Cli;
using Mithi.Protocol.Stamp;
using Mithi.Testing;

namespace Mithi.Machine.Tests;

/// <summary>The boot medium, built once for a run of tests from the published mithi-site.</summary>
internal static class MediumFolder
{
    private static readonly SemaphoreSlim One = new(1);
    private static string? _built;

    /// <summary>The folder with medium.iso, medium.json, vmlinuz and initrd.zst.</summary>
    public static async Task<string> BuiltAsync(CancellationToken ct)
    {
        await One.WaitAsync(ct);
        try
        {
            return _built ??= await BuildAsync(ct);
        }
        finally
        {
            One.Release();
        }
    }

    /// <summary>A copy of the medium for one site, stamped as the node does it.</summary>
    public static async Task<string> StampAsync(SiteStamp stamp, ReadOnlyMemory<byte> releaseRoot, string folder, CancellationToken ct)
    {
        var site = Directory.CreateDirectory(Path.Join(folder, "site")).FullName;
        await File.WriteAllTextAsync(Path.Join(site, "site.conf"), stamp.ToText(), ct);
        await File.WriteAllBytesAsync(Path.Join(site, "release-root.json"), releaseRoot, ct);
        var medium = Path.Join(folder, "medium.iso");
        await Proc.OutputAsync(Script("stamp"), [await BuiltAsync(ct), site, medium], ct: ct);
        return medium;
    }

    private static async Task<string> BuildAsync(CancellationToken ct)
    {
        var site = Path.Join(Checkout.Artifacts, "mithi-site", "mithi-site");
        if (!File.Exists(site)) throw new InvalidOperationException($"{site} is not there. Publish it first: dotnet cake --target=Publish");
        var output = Path.Join(Checkout.Artifacts, "medium");
        await Proc.OutputAsync(Script("build"), ["--site", site, "--cache", Path.Join(Checkout.Artifacts, "cache"), output],
            new ProcOptions { Timeout = TimeSpan.FromMinutes(15) }, ct);
        return output;
    }

    private static string Script(string name) => Path.Join(Checkout.Root, "installer/boot-image", name);
}
