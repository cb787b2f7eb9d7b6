using Mithi.Archive;
using Mithi.ReleaseTool.Commands;
using Xunit;

namespace Mithi.ReleaseTool.Tests.Products;

/// <summary>The mail server's trees, run with the real Postfix and Dovecot that are in them.</summary>
public sealed class MailServerTests(BuiltProducts products)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tree_built_twice_is_the_same()
    {
        var first = await products.MailServerAsync("1.0.0", Ct);
        var image = await products.ImageAsync(Ct);
        using var tool = new Tool();
        await BuiltProducts.BuildMailServerAsync(image.Path, "1.0.0", tool["again"], Ct);
        Assert.Equal(
            TreeScan.Read(Path.Join(first, "tree"), ct: Ct).Select(entry => entry.ToString()),
            TreeScan.Read(Path.Join(tool["again"], "tree"), ct: Ct).Select(entry => entry.ToString()));
    }

    [Fact]
    public async Task A_patch_is_small_and_the_build_from_it_is_the_published_one()
    {
        using var tool = new Tool();
        string[] trees = [.. await Task.WhenAll(BuiltProducts.Versions.Select(async version => Path.Join(await products.MailServerAsync(version, Ct), "tree")))];
        await tool.DoneAsync("pack", trees[0], "--out", tool["out"]);
        var build = tool["out/mithi-mail-server-1.0.0.linux-x64.build.tar.zst"];
        await tool.DoneAsync("service-pack", build, trees[1], "--out", tool["out"], "--with-build");
        var servicePack = tool["out/mithi-mail-server-1.0.0-sp1.linux-x64.service-pack.tar.zst"];
        await tool.DoneAsync("patch", servicePack, trees[2], "--out", tool["out"], "--fix", "4711");
        var patch = tool["out/mithi-mail-server-1.0.0-sp1-p1.linux-x64.patch.tar.zst"];

        Assert.InRange(new FileInfo(build).Length, 1, 16 << 20);
        Assert.InRange(new FileInfo(servicePack).Length, 1, 32 << 10);
        Assert.InRange(new FileInfo(patch).Length, 1, 32 << 10);
        var manifest = ArchiveReader.ManifestOf(patch);
        Assert.Equal(["4711"], manifest.Fixes);
        Assert.Equal(["etc/postfix/limits.cf", "mithi/version"],
            DiffCommand.Between(ArchiveReader.ManifestOf(servicePack), manifest).Select(difference => difference.Path));
        Assert.Equal(["mithi/version"],   // Config files are always brought whole.
            manifest.Files.Where(file => file.Source is FileSource.Full && !file.Config).Select(file => file.Path));
        Assert.All(manifest.Files, file => Assert.Equal(file.Path.StartsWith("etc/", StringComparison.Ordinal), file.Config));
    }

    [Fact]
    public async Task Every_version_delivers_a_mail_and_a_switch_keeps_mailboxes_and_certificate()
    {
        var result = await Machine.RunAsync(products, BuiltProducts.Versions, """
            use 1.0.0
            printf 'domain=asha-textiles.example\nhostname=mail.asha-textiles.example\n' > $root/etc/mithi/mithi-mail-server/site.conf
            echo 'ravi {PLAIN}first-password' > $root/etc/mithi/mithi-mail-server/mailboxes
            start
            run $product/current/mithi/mithi-mail add anna > /dev/null
            run $product/current/mithi/mithi-mail password ravi > /dev/null
            run $product/current/mithi/mithi-mail list
            run cat /var/lib/mithi-mail/users /var/lib/mithi-mail/tls/certificate.pem | sha256sum
            stop
            for version in 1.0.0-sp1 1.0.0-sp1-p1 1.0.0-sp1 1.0.0; do
              use $version; start
              run cat /var/lib/mithi-mail/users /var/lib/mithi-mail/tls/certificate.pem | sha256sum
              run $product/current/mithi/health | grep '^mail'
              stop
            done
            """, Ct);
        Assert.True(result.ExitCode == 0, result.Error);
        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Single(lines.Where(line => line.EndsWith('-')).Distinct());
        Assert.Equal(["anna@asha-textiles.example", "postmaster@asha-textiles.example", "ravi@asha-textiles.example"], lines[..3]);
        Assert.Equal(4, lines.Count(line => line == "mail     ok, sent by SMTP, read by IMAP"));
    }

    [Fact]
    public async Task Service_pack_1_refuses_12_megabytes_until_its_patch_is_there_and_again_when_it_is_taken_back()
    {
        var result = await Machine.RunAsync(products, BuiltProducts.Versions, """
            for version in 1.0.0 1.0.0-sp1 1.0.0-sp1-p1 1.0.0-sp1; do
              use $version; start
              smtp "EHLO customer.example" "MAIL FROM:<anna+bills@customer.example> SIZE=12582912" | sed -n "s/^\(250 2.1.0 Ok\|552 5.3.4.*\)/$version: \1/p"
              stop
            done
            """, Ct);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal("""
            1.0.0: 250 2.1.0 Ok
            1.0.0-sp1: 552 5.3.4 Message size exceeds fixed limit
            1.0.0-sp1-p1: 250 2.1.0 Ok
            1.0.0-sp1: 552 5.3.4 Message size exceeds fixed limit

            """, result.Output);
    }

    [Fact]
    public async Task It_relays_for_nobody_outside_and_takes_no_password_without_encryption()
    {
        var result = await Machine.RunAsync(products, ["1.0.0"], """
            # The machine's own addresses are trusted, so the stranger comes from another one.
            ip address add 192.0.2.1/32 dev lo; ip address add 192.0.2.2/32 dev lo
            ip route change local 192.0.2.1 dev lo table local src 192.0.2.2
            use 1.0.0; start
            run bash -c 'exec 3<>/dev/tcp/192.0.2.1/25
              for line in "EHLO x.example" "MAIL FROM:<a@x.example>" "RCPT TO:<b@y.example>" "RCPT TO:<nobody@mithi.test>" "RCPT TO:<abuse+x@mithi.test>" QUIT; do
              printf "%s\r\n" "$line" >&3; done; cat <&3'
            run bash -c 'exec 3<>/dev/tcp/192.0.2.1/143; printf "a LOGIN postmaster@mithi.test x\r\nb LOGOUT\r\n" >&3; cat <&3'
            """, Ct);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.DoesNotContain("250-AUTH", result.Output);
        Assert.Contains("554 5.7.1 <b@y.example>: Relay access denied", result.Output);
        Assert.Contains("550 5.1.1 <nobody@mithi.test>: Recipient address rejected", result.Output);
        Assert.Contains("250 2.1.5 Ok", result.Output);
        Assert.Contains("a NO [PRIVACYREQUIRED]", result.Output);
    }

    [Theory]
    [InlineData("site.conf", "domain=ex$(reboot)ample", "\"ex$(reboot)ample\" is not a name")]
    [InlineData("site.conf", "hostname=../../etc", "\"../../etc\" is not a name")]
    [InlineData("mailboxes", "anna {PLAIN}x and more", "is not a mailbox's line")]
    [InlineData("mailboxes", "anna {PLAIN}x:0:0::/root", "is not a mailbox's line")]
    [InlineData("mailboxes", "anna just-a-word", "is not a mailbox's line")]
    [InlineData("mailboxes", "../root", "is not a mailbox's line")]
    [InlineData("mailboxes", "a:b:0:0", "is not a mailbox's line")]
    public async Task A_wrong_line_of_the_sites_own_files_is_named(string file, string line, string complaint)
    {
        var result = await Machine.RunAsync(products, ["1.0.0"], $"""
            use 1.0.0
            echo '{line}' > $root/etc/mithi/mithi-mail-server/{file}
            run $product/current/mithi/configure && echo accepted
            """, Ct);
        Assert.DoesNotContain("accepted", result.Output);
        Assert.Contains(complaint, result.Error);
    }
}
