using System.Globalization;
using Mithi.Cli;
using Mithi.Testing;

namespace Mithi.Machine.Tests;

/// <summary>A virtual machine with BIOS, one disk, one network card and two serial lines: the operator's and the log's.</summary>
internal sealed class Machine : IAsyncDisposable
{
    public const string DiskSerial = "QM00017";

    /// <summary>How the guest sees the host's loopback.</summary>
    public const string HostAddress = "10.0.2.2";

    private readonly string _folder;
    private readonly Proc _qemu;
    private readonly Task[] _readers;
    private int _screenshots;

    private Machine(string folder, Proc qemu, SerialText screen, SerialText log, SerialText monitor, IReadOnlyDictionary<int, int> ports)
    {
        (_folder, _qemu, Screen, Log, Monitor, Ports) = (folder, qemu, screen, log, monitor, ports);
        _readers = [screen.ReadAsync(), log.ReadAsync(), monitor.ReadAsync()];
    }

    /// <summary>The operator's screen, as it comes out of the first serial line.</summary>
    public SerialText Screen { get; }

    /// <summary>The log of mithi-site, out of the second.</summary>
    public SerialText Log { get; }

    /// <summary>The guest's ports that can be reached from here, and where on loopback.</summary>
    public IReadOnlyDictionary<int, int> Ports { get; }

    private SerialText Monitor { get; }

    /// <summary>A blank disk.</summary>
    public static Task CreateDiskAsync(string path, int gib, CancellationToken ct)
        => Proc.OutputAsync("qemu-img", ["create", "-q", "-f", "qcow2", path, $"{gib}G"], new ProcOptions { DebianPackage = "qemu-utils" }, ct);

    /// <summary>Switches a machine on.</summary>
    /// <param name="folder">For its sockets and pictures; short, because a socket's path is.</param>
    /// <param name="disk">Its disk.</param>
    /// <param name="medium">The ISO in its drive; null for none.</param>
    /// <param name="forward">Ports of the guest to reach from here.</param>
    /// <param name="ct">Ends the start.</param>
    public static async Task<Machine> StartAsync(string folder, string disk, string? medium, int[] forward, CancellationToken ct)
    {
        var run = Directory.CreateDirectory(Path.Join(folder, $"m{Directory.GetDirectories(folder, "m*").Length}")).FullName;
        var (screen, log, monitor) = (new SerialText(Path.Join(run, "s0")), new SerialText(Path.Join(run, "s1")), new SerialText(Path.Join(run, "mon")));
        var ports = forward.ToDictionary(port => port, _ => FreePort.Next());
        var forwards = string.Concat(ports.Select(pair => string.Create(CultureInfo.InvariantCulture, $",hostfwd=tcp:127.0.0.1:{pair.Value}-:{pair.Key}")));
        string[] arguments =
        [
            .. await Accelerator.ArgumentsAsync(ct), "-smp", "2", "-m", "512", "-display", "none", "-vga", "std",
            "-chardev", $"socket,id=s0,path={screen.Path}", "-serial", "chardev:s0",
            "-chardev", $"socket,id=s1,path={log.Path}", "-serial", "chardev:s1",
            "-chardev", $"socket,id=mon,path={monitor.Path}", "-mon", "chardev=mon,mode=readline",
            // The disk first: a machine that was installed must start from it whatever is still in the drive.
            "-boot", "order=cd", "-drive", $"file={disk},if=none,id=disk,format=qcow2", "-device", $"virtio-blk-pci,drive=disk,serial={DiskSerial}",
            "-device", "virtio-rng-pci", "-nic", $"user,model=virtio-net-pci{forwards}",
            .. medium is null ? Array.Empty<string>() : ["-drive", $"file={medium},media=cdrom,readonly=on,format=raw"],
        ];
        var qemu = Proc.Start("qemu-system-x86_64", arguments, new ProcOptions { DebianPackage = "qemu-system-x86" });
        return new(run, qemu, screen, log, monitor, ports);
    }

    /// <summary>Pulls the plug.</summary>
    public async Task CutPowerAsync()
    {
        await _qemu.KillAsync();
        await Task.WhenAll(_readers);
    }

    /// <summary>A picture of the screen on the graphics card; gives the PNG's path.</summary>
    public async Task<string> PictureAsync(CancellationToken ct)
    {
        var path = Path.Join(_folder, $"{++_screenshots}.png");
        await Monitor.TypeAsync($"screendump {path} -f png\n", ct);
        await Monitor.TypeAsync("info status\n", ct);
        await Monitor.WaitAsync("VM status", TimeSpan.FromSeconds(30), ct);
        return File.Exists(path) ? path : throw new InvalidOperationException($"QEMU made no picture: {_qemu.Error} {Monitor.All}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await CutPowerAsync();
        await _qemu.DisposeAsync();
        foreach (var line in (SerialText[])[Screen, Log, Monitor]) line.Dispose();
    }
}
