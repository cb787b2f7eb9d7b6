using Mithi.Cli;
using Mithi.Testing;

namespace Mithi.Appliance.Tests;

/// <summary>A disk of a test's own, in memory: small, read-only or without programs. Only root may mount.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly TempFolder temp = new();

    private SmallDisk() { }

    public string Path => temp.File("disk");

    public static async Task<SmallDisk> MountAsync(string options)
    {
        var disk = new SmallDisk();
        Directory.CreateDirectory(disk.Path);
        await Proc.OutputAsync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", disk.Path], new() { DebianPackage = "mount" });
        return disk;
    }

    public Task RemountAsync(string options) => Proc.OutputAsync("mount", ["-o", $"remount,{options}", Path]);

    public async ValueTask DisposeAsync()
    {
        await Proc.OutputAsync("umount", ["-l", Path]);
        temp.Dispose();
    }
}
