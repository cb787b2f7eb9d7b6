using Mithi.Archive;
using Mithi.Cli;
using Mithi.Site.Apply;
using Xunit;

namespace Mithi.Site.Tests.Apply;

/// <summary>An administrator's edit of the mail server's configuration counts, and outlives updates: with the product's own scripts and units.</summary>
/// <remarks>Without a virtual machine there are no servers, so their health is taken for granted; what they would read is looked at.</remarks>
public sealed class MailServerConfigTests : IDisposable
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private static readonly string Source = Path.Join(Repository.Root, "release-tooling/products/mail-server");
    private readonly TempFolder _folder = new();
    private readonly ProductFolder _product;
    private readonly ApplyHost _host;

    public MailServerConfigTests()
    {
        _product = ProductFolder.At(_folder.At("opt"), "mithi-mail-server");
        _host = new() { SystemRoot = _folder.At("system"), Systemctl = _folder.At("systemctl") };
        Directory.CreateDirectory(_folder.At("system/etc"));
        // What systemd does before a start, for the units that the install script put in place.
        Script("systemctl", $$"""
            export PATH={{_folder.At("bin")}}:$PATH
            sed -n 's|^ExecStartPre=/opt/mithi/|{{_folder.At("opt")}}/|p' {{_folder.At("system")}}/etc/systemd/system/mithi-mail-*.service | while read -r configure; do "$configure"; done
            """);
        // The product's users are not on this machine.
        Script("bin/install", """
            words=(); while (($#)); do case $1 in -o|-g) shift 2 ;; *) words+=("$1"); shift ;; esac; done
            exec /usr/bin/install "${words[@]}"
            """);
        Script("bin/chgrp", "exit 0");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_edit_takes_effect_and_outlives_a_service_pack_a_patch_and_a_rollback()
    {
        await ApplyAsync("1.0.0");
        Assert.Contains("message_size_limit = 52428800", Postfix, StringComparison.Ordinal);
        Assert.Equal($"!include {_product.Config}/etc/dovecot/dovecot.conf", File.ReadLines(_folder.At("system/run/mithi-mail/dovecot.conf")).First());

        File.AppendAllText(Config("postfix/main.cf"), "smtpd_banner = mail of ours\n");
        File.WriteAllText(Config("postfix/limits.cf"), File.ReadAllText(Config("postfix/limits.cf")).Replace("52428800", "10485760", StringComparison.Ordinal));
        (await Proc.RunAsync(_host.Systemctl, ["reload"], Environment(), Ct)).Require();
        RequireMine();

        await ApplyAsync("1.0.0-sp1");
        RequireMine();
        // Changed here and there: ours counts, theirs lies beside it. Changed there alone: theirs counts. Changed here alone: nothing to tell.
        Assert.Contains("smtpd_client_message_rate_limit", File.ReadAllText(Config("postfix/limits.cf.new")), StringComparison.Ordinal);
        Assert.Contains("quota_rule", File.ReadAllText(Config("dovecot/dovecot.conf")), StringComparison.Ordinal);
        Assert.False(File.Exists(Config("postfix/main.cf.new")));

        await ApplyAsync("1.0.0-sp1-p1");
        RequireMine();
        Assert.IsType<ApplyResult.Done>(await new ApplyEngine(_product, _host).RollbackAsync(ReleaseVersion.Parse("1.0.0"), Ct));
        RequireMine();
        Assert.DoesNotContain("quota_rule", File.ReadAllText(Config("dovecot/dovecot.conf")), StringComparison.Ordinal);
        Assert.Empty(TreeCheck.Compare(_product.TreeOf(ReleaseVersion.Parse("1.0.0")), _product.ManifestOf(ReleaseVersion.Parse("1.0.0"))));
    }

    [Fact]
    public async Task A_file_that_was_removed_counts_as_shipped()
    {
        await ApplyAsync("1.0.0");
        File.Delete(Config("postfix/limits.cf"));
        (await Proc.RunAsync(_host.Systemctl, ["reload"], Environment(), Ct)).Require();
        Assert.Contains("message_size_limit = 52428800", Postfix, StringComparison.Ordinal);
    }

    private string Postfix => File.ReadAllText(_folder.At("system/run/mithi-mail/postfix/main.cf"));

    private string Config(string path) => Path.Join(_product.Config, "etc", path);

    private void RequireMine()
    {
        Assert.Contains("smtpd_banner = mail of ours", Postfix, StringComparison.Ordinal);
        Assert.Contains("message_size_limit = 10485760", Postfix, StringComparison.Ordinal);
    }

    private ProcOptions Environment() => new() { Environment = new Dictionary<string, string?> { ["MITHI_ROOT"] = _host.SystemRoot } };

    private async Task ApplyAsync(string version)
        => Assert.IsType<ApplyResult.Done>(await new ApplyEngine(_product, _host).ApplyAsync([await PackAsync(version)], null, Ct));

    // As the product's build does, without Debian's packages: the payload, then what each version up to this one changed in it.
    private async Task<string> PackAsync(string version)
    {
        var tree = _folder.At($"tree-{version}");
        var parsed = ReleaseVersion.Parse(version);
        await CopyAsync(Path.Join(Source, "payload"), tree);
        string[] steps = parsed.Patch > 0 ? [version[..version.LastIndexOf('-')], version] : [version];
        foreach (var step in steps.Where(step => Directory.Exists(Path.Join(Source, "versions", step, "overlay"))))
            await CopyAsync(Path.Join(Source, "versions", step, "overlay"), tree);
        File.WriteAllText(Path.Join(tree, "mithi/health"), "#!/bin/sh\nexit 0\n");
        var manifest = new Manifest
        {
            Product = "mithi-mail-server",
            Version = parsed,
            Platform = "linux-x64",
            Kind = ArchiveKind.Build,
            Stamp = 1_764_000_000,
            Entries = TreeScan.Read(tree, path => path.StartsWith("etc/", StringComparison.Ordinal)),
        };
        return ArchiveWriter.WriteFile(manifest, tree, _folder.At("archives")).Path;
    }

    private static async Task CopyAsync(string from, string to)
        => await Proc.OutputAsync("cp", ["-R", "--preserve=mode", $"{from}/.", to], new() { DebianPackage = "coreutils" }, Ct);

    private void Script(string name, string body)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.At(name))!);
        File.WriteAllText(_folder.At(name), $"#!/bin/bash\nset -e\n{body}\n");
        File.SetUnixFileMode(_folder.At(name), (UnixFileMode)0x1ed);
    }
}
