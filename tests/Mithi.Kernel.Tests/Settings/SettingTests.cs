using Microsoft.Extensions.DependencyInjection;
using Mithi.Cli;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using Mithi.Kernel.Settings;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Kernel.Tests.Settings;

public sealed class SettingTests
{
    private static readonly CurrentPerson Admin = new()
    {
        Id = new(1), Name = "Asha", Role = Role.Administrator, Zone = DateTimeZone.Utc,
    };

    private static readonly Setting Name = new() { Key = "test.name", Group = "Test", Title = "Name", Default = "Support", Required = true };
    private static readonly Setting Count = new() { Key = "test.count", Group = "Test", Title = "Count", Kind = SettingKind.Number, Default = "5", Min = 1, Max = 10 };
    private static readonly Setting Flag = new() { Key = "test.flag", Group = "Test", Title = "Flag", Kind = SettingKind.Flag };
    private static readonly Setting Secret = new() { Key = "test.secret", Group = "Test", Title = "Secret", Kind = SettingKind.Secret };
    private static readonly Setting Choice = new()
    {
        Key = "test.choice", Group = "Test", Title = "Choice", Kind = SettingKind.Choice, Default = "a", Choices = [("a", "A"), ("b", "B")],
    };

    private static readonly Setting Checked = new()
    {
        Key = "test.checked", Group = "Test", Title = "Checked", Check = v => v.StartsWith('x') ? null : "It must begin with x.",
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, BothEngines]
    public async Task A_setting_has_its_default_until_it_is_changed_and_keeps_the_change(DbEngine engine)
    {
        await using var kernel = await StartAsync(engine);
        var store = kernel.Get<SettingStore>();
        Assert.Equal(("Support", 5, false, "a"), await ReadAsync(store));
        Assert.Empty(await ChangeAsync(kernel, ("test.name", "हेल्पडेस्क"), ("test.count", "7"), ("test.flag", "1"), ("test.choice", "b")));
        Assert.Equal(("हेल्पडेस्क", 7, true, "b"), await ReadAsync(store));
        await kernel.RestartAsync(Register);
        Assert.Equal(("हेल्पडेस्क", 7, true, "b"), await ReadAsync(kernel.Get<SettingStore>()));
    }

    [Theory, BothEngines]
    public async Task One_wrong_value_writes_nothing_and_names_itself(DbEngine engine)
    {
        await using var kernel = await StartAsync(engine);
        var mistakes = await ChangeAsync(kernel, ("test.name", "New"), ("test.count", "11"), ("test.checked", "y"), ("test.gone", "1"));
        Assert.Equal(["test.checked", "test.count", "test.gone"], mistakes.Keys.Order());
        Assert.Equal("It must begin with x.", mistakes["test.checked"]);
        Assert.Equal("Support", await kernel.Get<SettingStore>().TextAsync(Name, Ct));
    }

    [Theory]
    [InlineData("test.name", "")]
    [InlineData("test.name", "two\0words")]
    [InlineData("test.name", "bell\a")]
    [InlineData("test.count", "")]
    [InlineData("test.count", "0")]
    [InlineData("test.count", "5.5")]
    [InlineData("test.count", "99999999999999999999")]
    [InlineData("test.flag", "yes")]
    [InlineData("test.choice", "c")]
    [InlineData("test.choice", "")]
    public void A_value_that_does_not_fit_is_a_mistake(string key, string value)
        => Assert.NotNull(((Setting[])[Name, Count, Flag, Choice]).Single(s => s.Key == key).Mistake(value));

    [Fact]
    public void A_value_past_the_bound_is_a_mistake()
        => Assert.NotNull(Checked.Mistake(new('x', Kernel.Settings.Limits.ValueCharsMax + 1)));

    [Theory, BothEngines]
    public async Task A_secret_rests_encrypted_and_is_not_in_the_audit_log(DbEngine engine)
    {
        await using var kernel = await StartAsync(engine);
        var store = kernel.Get<SettingStore>();
        Assert.Null(await store.SecretAsync(Secret, Ct));
        await ChangeAsync(kernel, ("test.secret", "correct horse"));
        Assert.Equal("correct horse", await store.SecretAsync(Secret, Ct));
        Assert.True(await store.IsGivenAsync(Secret, Ct));
        var stored = await kernel.ReadAsync(tx => tx.QuerySingleAsync<string>("select value from setting"));
        Assert.DoesNotContain("horse", stored, StringComparison.Ordinal);
        var row = Assert.Single(await kernel.Get<AuditLog>().PageAsync(new(), null, 9, Ct));
        Assert.Equal(("setting.change", "setting:test.secret", "given"), (row.Action, row.Subject, row.Detail));

        await ChangeAsync(kernel, ("test.secret", ""));
        Assert.Null(await store.SecretAsync(Secret, Ct));
    }

    [Theory, BothEngines]
    public async Task A_secret_of_another_key_is_refused_with_what_to_do(DbEngine engine)
    {
        await using var kernel = await StartAsync(engine);
        await ChangeAsync(kernel, ("test.secret", "correct horse"));
        File.WriteAllBytes(Path.Join(kernel.Folder.Keys, "settings.key"), new byte[32]);
        await kernel.RestartAsync(Register);
        await Assert.ThrowsAsync<UserException>(() => kernel.Get<SettingStore>().SecretAsync(Secret, Ct).AsTask());
    }

    [Fact]
    public void A_sealed_secret_opens_for_its_own_purpose_only_and_not_when_a_byte_changed()
    {
        using var temp = new TempFolder();
        using var folder = DataFolder.Open(temp.File("data"));
        var box = new SecretBox(new NodeKeys(folder));
        var text = box.Seal("correct horse", "one");
        Assert.Equal("correct horse", box.Open(text, "one"));
        Assert.NotEqual(text, box.Seal("correct horse", "one"));
        Assert.Throws<UserException>(() => box.Open(text, "two"));
        Assert.Throws<UserException>(() => box.Open(text[..10] + (text[10] == 'A' ? 'B' : 'A') + text[11..], "one"));
        foreach (var broken in (string[])["", "1:", "1:AAAA", "2:" + text[2..], "1:%%%"])
            Assert.Throws<UserException>(() => box.Open(broken, "one"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Join(folder.Keys, "settings.key")));
    }

    [Theory, BothEngines]
    public async Task A_change_is_audited_and_told_and_what_stayed_the_same_is_not(DbEngine engine)
    {
        var ear = new Ear();
        await using var kernel = await TestKernel.StartAsync(engine, s => { Register(s); s.AddSingleton<IOutboxHandler>(ear); });
        await ChangeAsync(kernel, ("test.name", "Support"), ("test.count", "6"));
        await kernel.DrainAsync();
        Assert.Equal(["test.count"], ear.Keys);
        Assert.Equal("5 -> 6", Assert.Single(await kernel.Get<AuditLog>().PageAsync(new(), null, 9, Ct)).Detail);
    }

    private static Task<TestKernel> StartAsync(DbEngine engine) => TestKernel.StartAsync(engine, Register);

    private static void Register(IServiceCollection services) => services.AddSettings(Name, Count, Flag, Secret, Choice, Checked);

    private static Task<IReadOnlyDictionary<string, string>> ChangeAsync(TestKernel kernel, params (string Key, string Value)[] typed)
        => kernel.Get<SettingStore>().ChangeAsync(typed.ToDictionary(t => t.Key, t => t.Value), Admin, Ct);

    private static async Task<(string, long, bool, string)> ReadAsync(SettingStore store)
        => (await store.TextAsync(Name, Ct), await store.NumberAsync(Count, Ct), await store.FlagAsync(Flag, Ct), await store.TextAsync(Choice, Ct));

    private sealed class Ear : IOutboxHandler
    {
        public List<string> Keys { get; } = [];

        public string Topic => SettingStore.ChangedTopic;

        public Task HandleAsync(OutboxMessage message, CancellationToken ct)
        {
            lock (Keys) Keys.Add(message.Read<SettingChanged>().Key);
            return Task.CompletedTask;
        }
    }
}
