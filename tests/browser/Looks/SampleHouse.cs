using System.Net;
using Mithi.Customers.Customers;
using Mithi.Fleet.Tests;
using Mithi.Kernel.Blobs;
using Mithi.Kernel.People;
using Mithi.Kernel.Webhooks;
using Mithi.Testing;
using NodaTime;

namespace Mithi.Browser.Tests.Looks;

/// <summary>A house on a weekday: the sample's world, and of everything else one of each, in every state that has a look of its own.</summary>
public class SampleHouse : IAsyncLifetime
{
    /// <summary>Names that people gave; they are the same in every language.</summary>
    internal static readonly string[] Names =
    [
        "Mithi", "Himalaya Systems", "Sahyadri Cooperative Bank", "Konark Textiles", "Nilgiri Tea Estates", "Meera Joshi", "sample-notes", "connect-server",
        "mithi-mail-server", "Gold", "stable", "English", "Head office", "Pune branch", "Weaving shed", "Tea office", "Estate two", "My telephone", "MB", "kB",
    ];

    private readonly Dictionary<Reader, string> sessions = [];
    private Chromium? chromium;
    private TestAppliance? house;
    private Device? machine;

    protected virtual string Language => "en";

    internal TestAppliance House => house!;

    internal Eye Eye { get; private set; } = null!;

    internal OrganisationId Bank { get; private set; }

    internal OrganisationId Tea { get; private set; }

    internal PersonId Customer { get; private set; }

    internal long Subscription { get; private set; }

    internal ContactId Contact { get; private set; }

    internal SampleSites Sites { get; private set; } = null!;

    internal string InvitationSecret { get; private set; } = "";

    internal long Mail { get; private set; }

    /// <summary>The bank's ticket that was resolved last.</summary>
    internal long Solved { get; private set; }

    /// <summary>What stands in the mail of an answer that resolved a ticket.</summary>
    internal string RatingLink { get; private set; } = "";

    internal WebhookId Webhook { get; private set; }

    /// <summary>The entry of ticket 1 that has a file.</summary>
    internal long FileEntry { get; private set; }

    /// <summary>A change of several tickets.</summary>
    internal long Batch { get; private set; }

    /// <summary>A commit that changed the first page of a manual.</summary>
    internal string Commit { get; private set; } = "";

    /// <summary>The address of a published archive.</summary>
    internal string Release { get; private set; } = "";

    /// <summary>The same archive's address for update clients.</summary>
    internal string Target { get; private set; } = "";

    private static CancellationToken Ct => CancellationToken.None;

    internal string? Session(Reader reader) => sessions.GetValueOrDefault(reader);

    internal Task<IReadOnlyList<string>> LookAsync(Look look) => Eye.LookAsync(look, Session(look.Reader));

    /// <summary>A browser without scripts, for what is not looked at.</summary>
    internal TestBrowser Hand(Reader reader)
    {
        var hand = house!.Browser();
        if (Session(reader) is { } session) hand.SetCookie("__Host-mithi", session);
        return hand;
    }

    public async ValueTask InitializeAsync()
    {
        chromium = await Chromium.StartAsync();
        house = await TestAppliance.StartAsync(https: true);
        await house.AddSampleAsync();
        Eye = new(chromium, house, Language);
        var organisations = house.Get<OrganisationStore>();
        Bank = (await organisations.ByNameAsync("Sahyadri Cooperative Bank", Ct))!.Id;
        Tea = (await organisations.ByNameAsync("Nilgiri Tea Estates", Ct))!.Id;
        await SignInAsync((await organisations.VendorAsync(Ct))!.Id);
        await AgreeAsync();
        await ReceiveMailAsync();
        await HookAsync();
        await WorkAsync();
        await ShareAsync();
        await ResolveAsync();
        using var engineer = Hand(Reader.L2);
        Sites = new(house, engineer, Bank);
        machine = await Sites.AddAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (machine is not null) await machine.DisposeAsync();
        if (chromium is not null) await chromium.DisposeAsync();
        if (house is not null) await house.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private async Task SignInAsync(OrganisationId vendor)
    {
        var people = house!.Get<PersonStore>();
        await people.AddAsync(new(vendor, Role.Administrator, "Nandini Deshpande", "nandini@mithi.example"), house.Now, Ct);
        foreach (var (reader, email) in new[]
        {
            (Reader.User, "rohan@sahyadri.example"), (Reader.CustomerAdministrator, "meera@sahyadri.example"), (Reader.Partner, "tenzin@himalaya.example"),
            (Reader.L1, "asha@mithi.example"), (Reader.L2, "vikram@mithi.example"), (Reader.ReleaseEngineer, "farida@mithi.example"),
            (Reader.Administrator, "nandini@mithi.example"),
        })
        {
            var person = (await people.ByEmailAsync(email, Ct))!;
            sessions[reader] = (await house.Get<SessionStore>().StartAsync(person.Id, "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", "203.0.113.7", house.Now, Ct)).Secret;
            if (reader == Reader.CustomerAdministrator) Customer = person.Id;
        }
        // The mail with the link rests sealed; whoever invites is shown another, once.
        using (var hand = Hand(Reader.Administrator))
        using (var invited = await hand.PostAsync("/people/new", new Dictionary<string, string>
            { ["name"] = "Sunita Bhosale", ["email"] = "sunita@sahyadri.example", ["role"] = "CustomerUser", ["organisation"] = Bank.ToString() }, "/people/new"))
            InvitationSecret = Html.Link(await invited.Content.ReadAsStringAsync(Ct), "/invitation/([A-Za-z0-9_-]+)");
        var administrator = (await people.ByEmailAsync("nandini@mithi.example", Ct))!.Id;
        await house.Get<TokenStore>().AddAsync(administrator, "Nightly release", [Permission.ReleasePublish, Permission.ReleaseRead], Duration.FromDays(90), house.Now, Ct);
        await house.Get<SessionStore>().StartAsync(administrator, "Mozilla/5.0 (Android 16) Chrome/144.0", "203.0.113.9", house.Now, Ct);
    }

    private async Task AgreeAsync()
    {
        var me = new CurrentPerson { Role = Role.Administrator, Name = "Nandini Deshpande", Zone = DateTimeZone.Utc };
        var customers = house!.Get<CustomerStore>();
        await customers.WriteSetupAsync(Bank, "# Server room, Pune\n\nOne server, two disks as RAID 1.\nMail comes in over 203.0.113.25.\n", "First visit", 0, me, house.Now, Ct);
        await customers.InstalledAsync(Bank, 1, "mithi-mail-server", "1.0.0-sp1", house.Now, Ct);
        var saved = await house.Get<SubscriptionStore>().SaveAsync(Bank, null, new("Gold", "12x6", true, new(2099, 3, 31), "Asia/Kolkata",
            [new(Priority.P1, 60, 480), new(Priority.P2, 240, 1440)]), 0, me, house.Now, Ct);
        Assert.NotNull(saved);
        Contact = Assert.IsType<ContactResult.Saved>(await house.Get<ContactStore>().SaveAsync(Bank, null,
            new("Latha Rao", "Head of accounts", ["020 2605 1234", "+91 98450 12345"], ["latha@sahyadri.example"]), 0, me, house.Now, Ct)).Id;
        Subscription = await house.Db.ReadAsync(tx => tx.QuerySingleAsync<long>("select id from customer_subscription"), Ct);
    }

    private async Task ResolveAsync()
    {
        Solved = await house!.Db.ReadAsync(tx => tx.QuerySingleAsync<long>("select max(id) from ticket where organisation_id = @Bank and state <> 'Closed'", new { Bank }), Ct);
        using var engineer = Hand(Reader.L1);
        using var answer = await engineer.PostAsync($"/tickets/{Solved}/replies", new Dictionary<string, string> { ["body"] = "Then we are done here.", ["seen"] = "1000", ["then"] = "Resolved" });
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        var mails = await house.Db.ReadAsync(tx => tx.QueryAsync<string>("select mail from outgoing_mail order by id desc limit 1"), Ct);
        RatingLink = Html.Link(mails[0], "/rate/([0-9a-f-]+)");
    }

    // As the intake would have written it; its own tests receive real mail.
    private async Task ReceiveMailAsync()
    {
        using var raw = new MemoryStream("From: rohan@sahyadri.example\r\nSubject: Printer\r\n\r\nIt does not print.\r\n"u8.ToArray());
        var blob = await house!.Get<BlobStore>().PutAsync(raw, 1 << 20, Ct);
        await house.Db.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("""
                insert into mail_box (mailbox, uid_validity, last_uid, checked_at, error) values
                    ('support@mithi.example', 1, 40, @now, ''), ('hilfe@mithi.example', 1, 7, @now, 'Connection refused (mail.mithi.example:993)')
                """, new { now = house.Now });
            foreach (var (outcome, subject, reason, ticket) in new (string, string, string, long?)[]
            {
                ("Opened", "Mails with large attachments stay in the queue", "", 1), ("Replied", "Re: [#1] Mails with large attachments", "Found by Token", 1),
                ("Held", "Re: [#5] Please make the sign-in page Hindi", "Found by Subject, sender Unknown", 5), ("Automatic", "Out of office", "AutoReply", 1),
                ("Duplicate", "Mails with large attachments stay in the queue", "", null), ("Own", "Your ticket [#2]", "", null),
                ("Quarantined", "", "It has no sender that could be answered.", null),
            })
                Mail = await tx.QuerySingleAsync<long>("""
                    insert into mail_arrival (mailbox, uid_validity, uid, raw, message_id, body_hash, sender, subject, outcome, reason, ticket_id, seq, arrived_at)
                    values ('support@mithi.example', 1, @uid, @raw, '', @uid, 'rohan@sahyadri.example', @subject, @outcome, @reason, @ticket, null, @now) returning id
                    """, new { uid = outcome, raw = blob.Id.ToString(), subject, outcome, reason, ticket, now = house.Now });
            await tx.ExecuteAsync("""
                insert into job (kind, name, payload, state, attempts, run_at, created_at, error) values
                    ('Job', 'mail.send', '{}', 'Failed', 12, @later, @now, 'The mail server mail.mithi.example did not answer within 30 s.')
                """, new { now = house.Now, later = house.Now + Duration.FromHours(1) });
        }, Ct);
    }

    // A program's day as it would have been; the hooks' own tests call a real one.
    private async Task HookAsync()
    {
        var me = new CurrentPerson { Role = Role.Administrator, Name = "Nandini Deshpande", Zone = DateTimeZone.Utc };
        Webhook = (await house!.Get<WebhookStore>().AddAsync("https://ledger.sahyadri.example/hooks/support", ["ticket.opened", "ticket.closed", "ticket.noted"], me, Ct))!.Id;
        await house.Db.WriteAsync(async tx =>
        {
            foreach (var (type, state, attempts, status, answer) in new[]
            {
                ("ticket.opened", "Delivered", 1, 204, ""), ("ticket.opened", "Failed", 30, 500, "Internal Server Error: the ledger is closed"),
                ("ticket.closed", "Missed", 0, 0, ""), ("ticket.noted", "Pending", 2, 0, "No answer within 10 seconds."),
            })
                await tx.ExecuteAsync("""
                    insert into webhook_delivery (webhook_id, event_id, type, body, state, attempts, due_at, ended_at, status, answer, event_at)
                    values (@Webhook, 'ticket-1-1', @type, '{}', @state, @attempts, @later, @now, @status, @answer, @now)
                    """, new { Webhook, type, state, attempts, later = house.Now + Duration.FromDays(1), now = house.Now, status, answer });
            await tx.ExecuteAsync("update webhook set failing_since = @now where id = @Webhook", new { now = house.Now, Webhook });
        }, Ct);
    }

    /// <summary>A customer's file, an engineer's edit of a manual.</summary>
    private async Task WorkAsync()
    {
        using var customer = Hand(Reader.CustomerAdministrator);
        using var form = new MultipartFormDataContent
        {
            { new StringContent(await customer.ForgeryAsync("/tickets/1")), "_forgery" }, { new StringContent("999"), "seen" },
            { new StringContent("This is what the queue shows.\n\nSee https://example.org/queue for how we read it."), "body" },
            { new ByteArrayContent("1 mail in the queue\n"u8.ToArray()), "files", "queue.txt" },
        };
        using var sent = await customer.Http.PostAsync("/tickets/1/replies", form);
        Assert.Equal(HttpStatusCode.SeeOther, sent.StatusCode);
        using var engineer = Hand(Reader.L1);
        await EditAsync(engineer, "The sentence that was missing here.");
        await house!.Db.ReadAsync(async tx =>
        {
            FileEntry = await tx.QuerySingleAsync<long>("select seq from ticket_file where ticket_id = 1");
            Commit = await tx.QuerySingleAsync<string>("select commit_sha from wiki_change where section = 'administrators-manual' and path = 'index' order by id desc limit 1");
            return true;
        }, Ct);
        var downloads = await engineer.PageAsync("/downloads/sample-notes");
        Release = Html.Link(downloads, "href=\"(/downloads/sample-notes/[^\"]+)\"");
        var (folder, name) = (Release[..Release.LastIndexOf('/')], Release[(Release.LastIndexOf('/') + 1)..]);
        Target = $"{folder.Replace("/downloads/", "/releases/targets/", StringComparison.Ordinal)}/{Html.Link(downloads, "<code>([0-9a-f]{64})</code>")}.{name}";
    }

    /// <summary>What the desk shares: a canned answer and a macro.</summary>
    private async Task ShareAsync()
    {
        using var administrator = Hand(Reader.Administrator);
        using var answer = await administrator.PostAsync("/helpdesk/answers/new", new Dictionary<string, string>
            { ["name"] = "Known fault", ["body"] = "Good day {{requester.name}},\n\n{{product}} {{version}} has a known fault there; it is mended in {{fix.version}}.", ["shared"] = "1" });
        using var macro = await administrator.PostAsync("/helpdesk/macros/new", new Dictionary<string, string>
            { ["name"] = "Ask for the log", ["state"] = "WaitingForCustomer", ["assignee"] = "me", ["reply"] = "Please send us the log of that day.", ["shared"] = "1" });
        Assert.Equal((HttpStatusCode.SeeOther, HttpStatusCode.SeeOther), (answer.StatusCode, macro.StatusCode));
        using var engineer = Hand(Reader.L1);
        using var batch = await engineer.PostAsync("/tickets/batches", new Dictionary<string, string>
            { ["ticket"] = "12", ["set-assignee"] = "me", ["key"] = "looked at" });
        Batch = long.Parse(batch.Headers.Location!.ToString().Split('/')[^1]);
        using var issue = await engineer.PostAsync("/tickets/1/escalate", new Dictionary<string, string>
            { ["place"] = "Here", ["title"] = "The limit of a message is never set", ["text"] = "main.cf of 1.0.0 has no message_size_limit, so Postfix uses its own." });
        Assert.Equal(HttpStatusCode.SeeOther, issue.StatusCode);
    }

    /// <summary>Adds a sentence to the first page of a manual.</summary>
    internal static async Task EditAsync(TestBrowser engineer, string sentence)
    {
        const string Page = "/wiki/edit/administrators-manual/index";
        var (text, seen) = Html.Editor(await engineer.PageAsync(Page));
        using var saved = await engineer.PostAsync(Page, new Dictionary<string, string> { ["body"] = $"{text}\n{sentence}\n", ["base"] = seen, ["summary"] = "Say what was missing" }, Page);
        Assert.Equal(HttpStatusCode.SeeOther, saved.StatusCode);
    }
}

/// <summary>The same house for a reader whose browser asks for Hindi.</summary>
public sealed class HindiHouse : SampleHouse
{
    protected override string Language => "hi";
}
