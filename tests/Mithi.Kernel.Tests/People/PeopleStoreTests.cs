using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Kernel.Tests.People;

/// <summary>The SQL of people on both engines.</summary>
public sealed class PeopleStoreTests
{
    private static readonly Caller Here = new("test", "127.0.0.1");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, BothEngines]
    public async Task Organisations_are_made_found_changed_and_shut_out_within_reach(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        var store = kernel.Get<OrganisationStore>();
        var vendor = await AddAsync(kernel, OrganisationKind.Vendor, "Mithi", null);
        var pune = await AddAsync(kernel, OrganisationKind.Partner, "Pune", null);
        var acme = await AddAsync(kernel, OrganisationKind.Customer, "Acme", pune);
        var other = await AddAsync(kernel, OrganisationKind.Customer, "Other 100%", null);
        Assert.IsType<OrganisationResult.NameTaken>(await store.AddAsync(new(OrganisationKind.Customer, "Acme", null, "UTC"), kernel.Now, Ct));
        var admin = Me(Role.Administrator, vendor);
        var partner = Me(Role.Partner, pune);

        Assert.Equal(4, (await store.ListAsync("", null, 1, admin, Permission.CustomerRead, Ct)).Total);
        Assert.Equal([acme, pune], (await store.ListAsync("", null, 1, partner, Permission.CustomerRead, Ct)).Rows.Select(o => o.Id));
        Assert.Equal([other], (await store.ListAsync("0%", null, 1, admin, Permission.CustomerRead, Ct)).Rows.Select(o => o.Id));
        Assert.Empty((await store.ListAsync("_", OrganisationKind.Customer, 1, admin, Permission.CustomerRead, Ct)).Rows);
        Assert.Null(await store.FindAsync(other, partner, Ct));
        var draft = new OrganisationDraft(OrganisationKind.Customer, "Acme Ltd", null, "Europe/Berlin");
        Assert.IsType<OrganisationResult.Missing>(await store.ChangeAsync(other, draft, 1, partner, Ct));
        Assert.IsType<OrganisationResult.Saved>(await store.ChangeAsync(acme, draft, 1, admin, Ct));
        Assert.IsType<OrganisationResult.Stale>(await store.ChangeAsync(acme, draft, 1, admin, Ct));
        var changed = (await store.GetAsync(acme, Ct))!;
        Assert.Equal(("Acme Ltd", "Europe/Berlin", null), (changed.Name, changed.TimeZone, changed.PartnerId));
        Assert.False(await store.DisableAsync(acme, true, partner, Ct));   // no longer its customer
        Assert.True(await store.DisableAsync(acme, true, admin, Ct));
        Assert.False(await store.DisableAsync(vendor, true, admin, Ct));
        Assert.True((await kernel.Get<AuditLog>().VerifyAsync(Ct)).Intact);
    }

    [Theory, BothEngines]
    public async Task People_are_made_found_changed_and_shut_out_within_reach(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        var people = kernel.Get<PersonStore>();
        var vendor = await AddAsync(kernel, OrganisationKind.Vendor, "Mithi", null);
        var acme = await AddAsync(kernel, OrganisationKind.Customer, "Acme", null);
        Assert.False(await people.AnyAdministratorAsync(Ct));
        var chief = await AddAsync(kernel, vendor, Role.Administrator, "chief@mithi.test");
        var asha = await AddAsync(kernel, acme, Role.CustomerAdministrator, "Asha@Acme.test");
        Assert.True(await people.AnyAdministratorAsync(Ct));
        Assert.IsType<PersonResult.EmailTaken>(await people.AddAsync(new(acme, Role.CustomerUser, "x", "ASHA@acme.test"), kernel.Now, Ct));
        Assert.Equal(asha, (await people.ByEmailAsync(" asha@ACME.test", Ct))!.Id);
        var admin = Me(Role.Administrator, vendor, chief);
        var hers = Me(Role.CustomerAdministrator, acme, asha);

        Assert.Equal(2, (await people.ListAsync("", null, 1, admin, Ct)).Total);
        Assert.Equal([asha], (await people.ListAsync("", null, 1, hers, Ct)).Rows.Select(p => p.Id));
        Assert.Equal([chief], (await people.ListAsync("MITHI", null, 1, admin, Ct)).Rows.Select(p => p.Id));
        Assert.Null(await people.FindAsync(chief, hers, Ct));
        Assert.NotNull(await people.FindAsync(asha, Me(Role.CustomerUser, acme, asha), Ct));
        var draft = new PersonDraft(acme, Role.CustomerUser, "Asha", "asha2@acme.test", "hi", "Asia/Kolkata");
        Assert.IsType<PersonResult.Saved>(await people.ChangeAsync(asha, draft, 1, admin, Ct));
        Assert.IsType<PersonResult.Stale>(await people.ChangeAsync(asha, draft, 1, admin, Ct));
        Assert.IsType<PersonResult.EmailTaken>(await people.ChangeAsync(asha, draft with { Email = "chief@mithi.test" }, 2, admin, Ct));
        Assert.IsType<PersonResult.LastAdministrator>(await people.DisableAsync(chief, true, admin, Ct));
        Assert.IsType<PersonResult.Saved>(await people.DisableAsync(asha, true, admin, Ct));
        Assert.True((await people.GetAsync(asha, Ct))!.Disabled);
    }

    [Theory, BothEngines]
    public async Task A_session_is_known_until_it_is_ended_expired_or_outdated(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        var sessions = kernel.Get<SessionStore>();
        var acme = await AddAsync(kernel, OrganisationKind.Customer, "Acme", null);
        var asha = await AddAsync(kernel, acme, Role.CustomerUser, "asha@acme.test");
        var first = await sessions.StartAsync(asha, "Browser\r\n\u0000 one", "::1", kernel.Now, Ct);
        var known = (await sessions.KnowAsync(first.Secret, kernel.Now, Ct))!;
        Assert.Equal((asha, acme, "Asia/Kolkata"), (known.PersonId, known.OrganisationId, known.TimeZone));
        Assert.Equal("Browser one", (await sessions.OfAsync(asha, kernel.Now, Ct))[0].UserAgent);

        var me = Me(Role.CustomerUser, acme, asha) with { Proof = SignInKind.Session, ProofId = first.Id.Value };
        for (var i = 0; i < 25; i++) await sessions.StartAsync(asha, "test", "", kernel.Now, Ct);
        Assert.Equal(20, (await sessions.OfAsync(asha, kernel.Now, Ct)).Count);
        Assert.Null(await sessions.KnowAsync(first.Secret, kernel.Now, Ct));   // the oldest made room
        await sessions.EndOthersAsync(me, Ct);
        Assert.Empty(await sessions.OfAsync(asha, kernel.Now, Ct));
        var second = await sessions.StartAsync(asha, "test", "", kernel.Now, Ct);
        Assert.Null(await sessions.KnowAsync(second.Secret, kernel.Now + Duration.FromHours(12), Ct));
        await kernel.WriteAsync(tx => CredentialStore.SetTotpAsync(tx, asha, Totp.NewKey(), 0, []));
        Assert.Null(await sessions.KnowAsync(second.Secret, kernel.Now, Ct));
    }

    [Theory, BothEngines]
    public async Task Signing_in_counts_guesses_and_takes_a_code_once(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        var acme = await AddAsync(kernel, OrganisationKind.Customer, "Acme", null);
        var asha = await AddAsync(kernel, acme, Role.CustomerUser, "asha@acme.test");
        var hash = await kernel.Get<Passwords>().HashAsync(Household.Password, Ct);
        await kernel.WriteAsync(tx => CredentialStore.SetPasswordAsync(tx, asha, hash, kernel.Now));
        var signIn = kernel.Get<SignIn>();
        Assert.IsType<SignInStep.Done>(await signIn.ByPasswordAsync("asha@acme.test", Household.Password, Here, Ct));
        var key = Totp.NewKey();
        var recovery = RecoveryCode.New();
        await kernel.WriteAsync(tx => CredentialStore.SetTotpAsync(tx, asha, key, 0, [recovery]));

        var step = Assert.IsType<SignInStep.CodeNeeded>(await signIn.ByPasswordAsync("asha@acme.test", Household.Password, Here, Ct));
        var code = Totp.CodeAt(key, kernel.Now);
        Assert.IsType<SignInStep.Done>(await signIn.ByCodeAsync(step.Secret, code, Here, Ct));
        Assert.IsType<SignInStep.Lapsed>(await signIn.ByCodeAsync(step.Secret, code, Here, Ct));
        var again = Assert.IsType<SignInStep.CodeNeeded>(await signIn.ByPasswordAsync("asha@acme.test", Household.Password, Here, Ct));
        Assert.IsType<SignInStep.Refused>(await signIn.ByCodeAsync(again.Secret, code, Here, Ct));
        Assert.IsType<SignInStep.Done>(await signIn.ByCodeAsync(again.Secret, recovery, Here, Ct));
        for (var i = 0; i < 5; i++) Assert.IsType<SignInStep.Refused>(await signIn.ByPasswordAsync("asha@acme.test", "no", Here, Ct));
        Assert.IsType<SignInStep.Refused>(await signIn.ByPasswordAsync("asha@acme.test", Household.Password, Here, Ct));
        kernel.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.IsType<SignInStep.CodeNeeded>(await signIn.ByPasswordAsync("asha@acme.test", Household.Password, Here, Ct));
        Assert.IsType<SignInStep.Refused>(await signIn.ByPasswordAsync("nobody@acme.test", "no", Here, Ct));
    }

    [Theory, BothEngines]
    public async Task Tokens_entitlements_and_one_time_secrets_work_alike(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        var acme = await AddAsync(kernel, OrganisationKind.Customer, "Acme", null);
        var asha = await AddAsync(kernel, acme, Role.CustomerAdministrator, "asha@acme.test");
        var tokens = kernel.Get<TokenStore>();
        var mine = (await tokens.AddAsync(asha, "mine", [], Duration.FromDays(7), kernel.Now, Ct))!;
        var site = await tokens.AddAsync(acme, "site", [Permission.ReleaseDownload], kernel.Now + Duration.FromDays(7), kernel.Now, Ct);
        Assert.Equal(asha, (await tokens.KnowAsync(mine.Text, kernel.Now, Ct))!.PersonId);
        Assert.Null((await tokens.KnowAsync(site.Text, kernel.Now, Ct))!.PersonId);
        Assert.Null(await tokens.KnowAsync(site.Text, kernel.Now + Duration.FromDays(7), Ct));
        Assert.Single(await tokens.OfAsync(asha, Ct));
        Assert.False(await tokens.EndAsync(Me(Role.CustomerUser, acme, new(4711)), mine.Id, Ct));
        Assert.True(await tokens.EndAsync(Me(Role.CustomerUser, acme, asha), mine.Id, Ct));

        var entitlements = kernel.Get<EntitlementStore>();
        Assert.Empty(await entitlements.EntitledAsync("connect", "1.0.0", "stable", kernel.Now, Ct));
        await entitlements.AddAsync(acme, new("connect", "1.0.0", "2.0.0", "stable", new(2026, 12, 31), "Asia/Kolkata"), kernel.Now, Ct);
        Assert.Equal([acme], await entitlements.EntitledAsync("connect", "1.0.0", "stable", kernel.Now, Ct));
        Assert.True(await entitlements.MayDownloadAsync(Me(Role.CustomerAdministrator, acme, asha), "connect", "1.0.0", "stable", kernel.Now, Ct));

        var secrets = kernel.Get<OneTimeStore>();
        var secret = await secrets.AddAsync(OneTimePurpose.Password, asha, "detail", Duration.FromHours(1), kernel.Now, Ct);
        Assert.Null(await secrets.UseAsync(secret, OneTimePurpose.Invitation, kernel.Now, Ct));
        Assert.Null(await secrets.UseAsync(secret, OneTimePurpose.Password, kernel.Now + Duration.FromHours(1), Ct));
        Assert.Equal("detail", (await secrets.UseAsync(secret, OneTimePurpose.Password, kernel.Now, Ct))!.Detail);
        Assert.Null(await secrets.UseAsync(secret, OneTimePurpose.Password, kernel.Now, Ct));
        Assert.Equal(OneTimeState.Used, (await secrets.LookAsync(secret, OneTimePurpose.Password, kernel.Now, Ct)).State);
    }

    [Theory, BothEngines]
    public async Task A_forgotten_password_is_mailed_to_those_who_are_there_and_not_too_often(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        var acme = await AddAsync(kernel, OrganisationKind.Customer, "Acme", null);
        await AddAsync(kernel, acme, Role.CustomerUser, "asha@acme.test");
        for (var i = 0; i < 5; i++)
        {
            await kernel.Get<PasswordLinks>().AskAsync("asha@acme.test", Here, Ct);
            await kernel.Get<PasswordLinks>().AskAsync("nobody@acme.test", Here, Ct);
            await kernel.DrainAsync();
        }
        Assert.Equal(3, await kernel.ReadAsync(tx => tx.QuerySingleAsync<long>("select count(*) from outgoing_mail")));
        kernel.Clock.Advance(TimeSpan.FromDays(40));
        await kernel.DrainAsync();   // the sweep
        Assert.Equal(0, await kernel.ReadAsync(tx => tx.QuerySingleAsync<long>("select count(*) from one_time_link")));
    }

    [Theory, BothEngines]
    public async Task The_command_line_makes_resets_and_shuts_out(DbEngine engine)
    {
        await using var kernel = await TestKernel.StartAsync(engine);
        var audit = kernel.Get<AuditLog>();
        Task<string> CreateAsync(string organisation, Role role, string email)
            => PersonTasks.CreateAsync(kernel.Db, audit, organisation, role, "Asha Rao", email, kernel.Now, Ct);
        Assert.StartsWith("/invitation/", await CreateAsync("Mithi", Role.Administrator, "asha@mithi.test"));
        await Assert.ThrowsAsync<Cli.UserException>(() => CreateAsync("Mithi", Role.SupportL1, "ASHA@mithi.test"));
        await Assert.ThrowsAsync<Cli.UserException>(() => CreateAsync("Mithi", Role.CustomerUser, "u@mithi.test"));
        await Assert.ThrowsAsync<Cli.UserException>(() => CreateAsync("Another", Role.SupportL1, "l1@mithi.test"));
        await Assert.ThrowsAsync<Cli.UserException>(() => CreateAsync("Mithi", Role.SupportL1, "no address"));
        Assert.StartsWith("/invitation/", await CreateAsync("Acme", Role.CustomerUser, "u@acme.test"));
        Assert.StartsWith("/new-password/", await PersonTasks.ResetAsync(kernel.Db, audit, "asha@mithi.test", true, false, kernel.Now, Ct));
        var asha = (await kernel.Get<PersonStore>().ByEmailAsync("asha@mithi.test", Ct))!.Id;
        var token = (await kernel.Get<TokenStore>().AddAsync(asha, "x", [], Duration.FromDays(7), kernel.Now, Ct))!.Text;
        var session = await kernel.Get<SessionStore>().StartAsync(asha, "x", "", kernel.Now, Ct);
        Assert.NotNull(await kernel.Get<TokenStore>().KnowAsync(token, kernel.Now, Ct));
        await PersonTasks.ResetAsync(kernel.Db, audit, "asha@mithi.test", false, true, kernel.Now, Ct);
        Assert.Null(await kernel.Get<TokenStore>().KnowAsync(token, kernel.Now, Ct));
        Assert.Null(await kernel.Get<SessionStore>().KnowAsync(session.Secret, kernel.Now, Ct));
        await Assert.ThrowsAsync<Cli.UserException>(() => PersonTasks.DisableAsync(kernel.Db, audit, "asha@mithi.test", true, Ct));
        await PersonTasks.DisableAsync(kernel.Db, audit, "u@acme.test", true, Ct);
        Assert.Equal([false, true], (await PersonTasks.ListAsync(kernel.Db, Ct)).Select(p => p.Disabled));
    }

    private static CurrentPerson Me(Role role, OrganisationId organisation, PersonId? id = null)
        => new() { Role = role, Organisation = organisation, Id = id, Zone = DateTimeZone.Utc };

    private static async Task<OrganisationId> AddAsync(TestKernel kernel, OrganisationKind kind, string name, OrganisationId? partner)
        => ((OrganisationResult.Saved)await kernel.Get<OrganisationStore>().AddAsync(new(kind, name, partner, "Asia/Kolkata"), kernel.Now, Ct)).Id;

    private static async Task<PersonId> AddAsync(TestKernel kernel, OrganisationId organisation, Role role, string email)
        => ((PersonResult.Saved)await kernel.Get<PersonStore>().AddAsync(new(organisation, role, "Somebody", email), kernel.Now, Ct)).Id;
}
