using Mithi.Cli;

namespace Mithi.Machine.Tests;

/// <summary>Whether KVM really boots a guest here. The device may exist and still hang a guest, so a kernel has to come up within 20 s.</summary>
/// <remarks>With <c>MITHI_ACCELERATOR=tcg</c> it is not asked: what must hold in plain emulation is then shown in it.</remarks>
internal static class Accelerator
{
    private static readonly SemaphoreSlim One = new(1);
    private static string[]? _arguments;

    /// <summary>QEMU's arguments for the fastest way that works.</summary>
    public static async Task<string[]> ArgumentsAsync(CancellationToken ct)
    {
        await One.WaitAsync(ct);
        try
        {
            return _arguments ??= Environment.GetEnvironmentVariable("MITHI_ACCELERATOR") != "tcg" && await KvmBootsAsync(ct)
                ? ["-accel", "kvm", "-cpu", "host"]
                : ["-accel", "tcg,thread=multi", "-cpu", "max"];
        }
        finally
        {
            One.Release();
        }
    }

    private static async Task<bool> KvmBootsAsync(CancellationToken ct)
    {
        if (!File.Exists("/dev/kvm")) return false;
        var medium = await MediumFolder.BuiltAsync(ct);
        try
        {
            var probe = await Proc.RunAsync("qemu-system-x86_64",
                [
                    "-accel", "kvm", "-cpu", "host", "-m", "256", "-nographic", "-no-reboot", "-nic", "none",
                    "-kernel", $"{medium}/vmlinuz", "-append", "console=ttyS0 panic=-1",
                ],
                new ProcOptions { Timeout = TimeSpan.FromSeconds(20), DebianPackage = "qemu-system-x86" }, ct);
            // Without a root it panics and, with panic=-1, restarts: that is a kernel that ran.
            return probe.Output.Contains("Kernel panic", StringComparison.Ordinal);
        }
        catch (ProcException e) when (e.Fault == ProcFault.TimedOut)
        {
            return false;
        }
    }
}
