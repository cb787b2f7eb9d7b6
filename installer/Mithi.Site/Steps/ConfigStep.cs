using System.Text;
using Mithi.Protocol.Messages;
using Mithi.Site.Agent;
using Mithi.Site.Ask;
using Mithi.Site.Journals;
using Mithi.Site.Plan;

namespace Mithi.Site.Steps;

/// <summary>CONFIG: makes the general system this site's: names, network, time zone, and the agent that keeps the way in.</summary>
internal sealed class ConfigStep : InstallStep
{
    private const UnixFileMode Secret = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public override Stage Stage => Stage.Config;

    public override async Task DoAsync(Installation on, StepProgress progress, CancellationToken ct)
    {
        await on.Target.MountAsync(ct);
        var sheet = on.Agreed.Sheet;
        Write("etc/hostname", $"{sheet.HostName}\n");
        Write("etc/hosts", $"127.0.0.1 localhost\n127.0.1.1 {sheet.HostName}.{sheet.Domain} {sheet.HostName}\n::1 localhost\n");
        Write("etc/fstab", Fstab(on.Agreed.Layout!));
        SetTimeZone(sheet.TimeZone);
        foreach (var (name, text) in NetworkFiles(on.Facts.Networks, sheet.Network)) Write($"etc/systemd/network/{name}", text);
        await SeedVarAsync(ct);
        WriteProduct(sheet);
        InstallAgent();
        KeepState(on);
    }

    public static string Fstab(DiskLayout layout)
        => $"""
            UUID={layout.RootA.FileSystemId} / ext4 errors=remount-ro 0 1
            UUID={layout.Data.FileSystemId} {Target.DataOnSystem} ext4 nodev 0 2
            UUID={layout.Esp.FileSystemId} /boot/efi vfat umask=0077,nofail 0 2
            {Target.DataOnSystem}/{Places.Var} /var none bind,x-systemd.requires-mounts-for={Target.DataOnSystem} 0 0
            {Target.DataOnSystem}/{Places.Products} {Places.ProductRoot} none bind,x-systemd.requires-mounts-for={Target.DataOnSystem} 0 0

            """;

    /// <summary>One file for each card that the plan gives a role, matched by its address: names change, addresses do not.</summary>
    public static IEnumerable<(string Name, string Text)> NetworkFiles(IReadOnlyList<NetworkFact> cards, NetworkSheet network)
    {
        var mac = network.Mac ?? cards.FirstOrDefault(card => card.Chosen)?.Mac;
        if (mac is null) yield break;
        var lines = new StringBuilder().AppendLine("[Match]").AppendLine($"MACAddress={mac}").AppendLine().AppendLine("[Network]");
        if (network.Mode == "static")
            lines.AppendLine($"Address={network.Address}").AppendLine($"Gateway={network.Gateway}");
        else
            lines.AppendLine("DHCP=yes");
        foreach (var server in network.NameServers) lines.AppendLine($"DNS={server}");
        yield return ($"10-mithi-{mac.Replace(":", "", StringComparison.Ordinal)}.network", lines.ToString());
    }

    private static void SetTimeZone(string zone)
    {
        if (!File.Exists(Path.Join(Target.Root, "usr/share/zoneinfo", zone)))
            throw new FaultException(Faults.Write, $"the system knows no time zone {zone}");
        File.Delete(Path.Join(Target.Root, "etc/localtime"));
        File.CreateSymbolicLink(Path.Join(Target.Root, "etc/localtime"), $"/usr/share/zoneinfo/{zone}");
        Write("etc/timezone", $"{zone}\n");
    }

    // What the image brings under /var is only the beginning; from here on it lives on the data partition.
    private static Task SeedVarAsync(CancellationToken ct)
        => Tool.RunAsync(Faults.Write, "sh",
            [
                "-c", "set -o pipefail; mkdir -p \"$2\" && tar -C \"$1\" --numeric-owner --xattrs -c . | tar -C \"$2\" --numeric-owner --xattrs -x",
                "sh", Path.Join(Target.Root, "var"), Path.Join(Target.Data, Places.Var),
            ], ct);

    // The product's own names on this machine: they belong to the machine and win over those of any version.
    private static void WriteProduct(SiteSheet sheet)
    {
        var folder = $"etc/mithi/{sheet.Product}";
        Write($"{folder}/site.conf", $"domain={sheet.Domain}\nhostname={sheet.HostName}.{sheet.Domain}\n");
        var file = Path.Join(Target.Root, folder, "mailboxes");
        WriteSecret(file, string.Concat(sheet.Mailboxes.Select(box => $"{box.Name} {{SHA512-CRYPT}}{box.PasswordHash}\n")));
    }

    private static void InstallAgent()
    {
        var program = Path.Join(Target.Root, Places.Program);
        File.Copy("/proc/self/exe", program, overwrite: true);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        Directory.CreateDirectory(Path.Join(Target.Root, Target.DataOnSystem));
        Directory.CreateDirectory(Path.Join(Target.Root, "boot/efi"));
    }

    // From the first start on the agent has its own: the medium is not needed any more.
    private static void KeepState(Installation on)
    {
        var state = Path.Join(Target.Data, Places.State);
        Directory.CreateDirectory(state);   // FETCH_OS made it for what it trusts.
        File.SetUnixFileMode(state, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(Path.Join(Target.Data, Places.Products));
        Directory.CreateDirectory(Path.Join(Target.Root, "opt/mithi"));
        WriteSecret(Path.Join(state, AgentState.InstallationFile),
            InstallationRecord.Of(on.Stamp.Site, on.Device, on.Agreed).ToText());
        File.WriteAllText(Path.Join(state, AgentState.PlanFile), on.Agreed.Id);
        File.WriteAllText(Path.Join(state, AgentState.CounterFile), $"{on.Link.Counter}");
        File.WriteAllText(Path.Join(state, AgentState.StampFile), on.Stamp.ToText());
        File.Copy("/release-root.json", Path.Join(state, AgentState.RootFile), overwrite: true);
    }

    private static void WriteSecret(string path, string text)
    {
        File.Delete(path);
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Secret });
        file.Write(Encoding.UTF8.GetBytes(text));
    }

    private static void Write(string path, string text)
    {
        var file = Path.Join(Target.Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
