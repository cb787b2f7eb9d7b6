using Mithi.Cli;
using Mithi.Trust.Keys;
using Mithi.Trust.Repository;

namespace Mithi.Trust.Tests.Keys;

public sealed class KeyFileTests : IDisposable
{
    private const string Passphrase = "correct horse battery";
    private readonly TempFolder _temp = new();
    private readonly SigningKey _key = SigningKey.Generate();

    private string Path => _temp / "a.key";

    [Fact]
    public void A_sealed_key_opens_with_its_passphrase_and_names_its_holder()
    {
        KeyFile.Save(Path, _key, "root, Anita", Passphrase);
        var asked = "";
        Assert.Equal(_key.Public.Id, KeyFile.Load(Path, name => { asked = name; return Passphrase; }).Public.Id);
        Assert.Equal("root, Anita", asked);
        Assert.Equal(_key.Public.Id, KeyFile.LoadPublic(Path).Key.Id);
    }

    [Fact]
    public void Only_its_owner_can_read_it()
    {
        KeyFile.Save(Path, _key, "a", passphrase: null);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        Assert.Equal(_key.Public.Id, KeyFile.Load(Path, _ => throw new InvalidOperationException("not asked")).Public.Id);
    }

    [Fact]
    public void A_wrong_passphrase_is_said_to_be_wrong()
    {
        KeyFile.Save(Path, _key, "a", Passphrase);
        var e = Assert.Throws<TrustException>(() => KeyFile.Load(Path, _ => Passphrase + "!"));
        Assert.Equal(TrustFault.KeyUnreadable, e.Fault);
        Assert.Contains("passphrase", e.Message);
    }

    [Fact]
    public void A_key_is_never_overwritten()
    {
        KeyFile.Save(Path, _key, "a", passphrase: null);
        Assert.Throws<IOException>(() => KeyFile.Save(Path, SigningKey.Generate(), "b", passphrase: null));
        Assert.Equal(_key.Public.Id, KeyFile.LoadPublic(Path).Key.Id);
    }

    [Fact]
    public void Many_who_ask_for_a_nodes_keys_at_once_get_the_same()
    {
        var all = new OnlineKeys[16];
        Parallel.For(0, all.Length, i => all[i] = OnlineKeys.LoadOrCreate(_temp / "node"));
        Assert.Single(all.Select(k => k.Trust.Snapshot.Id).Distinct());
        Assert.Single(all.Select(k => k.Trust.Timestamp.Id).Distinct());
        Assert.Equal(2, Directory.GetFiles(_temp / "node").Length);
    }

    [Fact]
    public void A_secret_below_anothers_public_key_is_refused()
    {
        KeyFile.Save(Path, _key, "a", passphrase: null);
        File.WriteAllText(Path, File.ReadAllText(Path).Replace(_key.Public.Value, SigningKey.Generate().Public.Value));
        Assert.Equal(TrustFault.KeyUnreadable, Assert.Throws<TrustException>(() => KeyFile.Load(Path, _ => "")).Fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("""{"format":"mithi-key-9","name":"a","public":{},"secret":""}""")]
    public void What_is_not_a_key_file_is_refused(string text)
    {
        File.WriteAllText(Path, text);
        Assert.Equal(TrustFault.KeyUnreadable, Assert.Throws<TrustException>(() => KeyFile.Load(Path, _ => "")).Fault);
    }

    [Fact]
    public void A_file_that_asks_for_endless_work_is_refused_at_once()
    {
        KeyFile.Save(Path, _key, "a", Passphrase);
        File.WriteAllText(Path, File.ReadAllText(Path).Replace("600000", "2000000000"));
        Assert.Equal(TrustFault.KeyUnreadable, Assert.Throws<TrustException>(() => KeyFile.Load(Path, _ => Passphrase)).Fault);
    }

    [Fact]
    public async Task Stock_minisign_verifies_what_we_sign()
    {
        var file = _temp / "mail-server-1.0.0.linux-x64.build.tar.zst";
        await File.WriteAllBytesAsync(file, new byte[3_000_000], TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(file + ".minisig", await Minisign.SignAsync(_key, file, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        var options = new ProcOptions { DebianPackage = "minisign" };
        string[] arguments = ["-V", "-P", Minisign.PublicKeyText(_key.Public), "-m", file];
        var verified = await Proc.RunAsync("minisign", arguments, options, TestContext.Current.CancellationToken);
        Assert.Contains("verified", verified.Require());

        await File.WriteAllBytesAsync(file, new byte[3_000_001], TestContext.Current.CancellationToken);
        Assert.NotEqual(0, (await Proc.RunAsync("minisign", arguments, options, TestContext.Current.CancellationToken)).ExitCode);
    }

    public void Dispose() => _temp.Dispose();
}
