using Microsoft.Playwright;
using static Mithi.Browser.Tests.Looks.Reader;

namespace Mithi.Browser.Tests.Looks;

/// <summary>All pages of the sample's house, by the part of the house that they belong to.</summary>
internal static class Tour
{
    private const string Manual = "administrators-manual";

    public static IReadOnlyDictionary<string, Func<SampleHouse, Look[]>> Parts { get; } = new Dictionary<string, Func<SampleHouse, Look[]>>
    {
        ["doors"] = Doors, ["start"] = Start, ["tickets"] = Tickets, ["reports"] = Reports, ["hotline"] = Hotline, ["mail"] = Mail, ["webhooks"] = Webhooks, ["customers"] = Customers, ["sites"] = Sites, ["downloads"] = Downloads,
        ["manuals"] = Manuals, ["profile"] = Profile, ["people"] = People, ["node"] = Node, ["search"] = Search,
    };

    private static Look[] Doors(SampleHouse house) =>
    [
        new("sign-in", Nobody, "/sign-in"),
        new("sign-in-wrong", Nobody, "/sign-in") { Then = page => FillAsync(page, "form.sheet", ("#email", "meera@sahyadri.example"), ("#password", "not her password")) },
        new("sign-in-again", Nobody, "/sign-in") { Query = "?done=password" },
        new("forgotten", Nobody, "/forgotten"),
        new("forgotten-sent", Nobody, "/forgotten") { Then = page => FillAsync(page, "form.sheet", ("#email", "nobody@nowhere.example")) },
        new("invitation", Nobody, "/invitation/{secret}", house.InvitationSecret),
        new("invitation-wrong", Nobody, "/invitation/{secret}", house.InvitationSecret) { Then = page => FillAsync(page, "form.sheet", ("#password", "short"), ("#again", "other")) },
        new("link-gone", Nobody, "/new-password/{secret}", "gone") { Status = 410 },
        new("first-run-gone", Nobody, "/first-run/{secret}", "gone") { Status = 410 },
    ];

    private static Look[] Start(SampleHouse house) =>
    [
        new("start-public", Nobody, "/"), new("start-user", User, "/"), new("start-customer", CustomerAdministrator, "/"), new("start-partner", Partner, "/"),
        new("start-support", L1, "/"), new("start-release", ReleaseEngineer, "/"), new("start-administrator", Administrator, "/"),
    ];

    private static Look[] Tickets(SampleHouse house) =>
    [
        new("tickets-support", L1, "/tickets"),
        new("tickets-all", L1, "/tickets") { Query = "?show=all" },
        new("tickets-none", L1, "/tickets") { Query = "?q=nothing+like+it" },
        new("tickets-customer", CustomerAdministrator, "/tickets"),
        new("ticket-support", L1, "/tickets/{id}", "1"),
        new("ticket-clock", L1, "/tickets/{id}", "10") { Then = page => page.Locator("aside details summary").First.ClickAsync() },
        new("ticket-note", L1, "/tickets/{id}", "2") { Then = page => page.Locator("details.note summary").ClickAsync() },
        new("ticket-customer", CustomerAdministrator, "/tickets/{id}", "1"),
        new("ticket-closed", L1, "/tickets/{id}", "5"),
        new("ticket-wrong", L1, "/tickets/{id}", "2") { Then = page => FillAsync(page, "#reply form") },
        new("ticket-reason-wrong", L1, "/tickets/{id}/hand-over", "2") { Query = "?level=L2", Then = page => FillAsync(page, "form[action$='/level']") },
        new("ticket-hand-over", L1, "/tickets/{id}/hand-over", "2") { Query = "?level=L2" }, new("ticket-hand-over-choose", L1, "/tickets/{id}/hand-over", "2"),
        new("evidence", Administrator, "/helpdesk/evidence"),
        new("ticket-stale", L1, "/tickets/{id}", "3") { Then = StaleAsync },
        new("development", L1, "/development"), new("development-issue", L1, "/development/{id}", "1"), new("development-issue-gone", L1, "/development/{id}", "999999") { Status = 404 },
        new("ticket-escalate", L1, "/tickets/{id}", "7") { Then = page => page.Locator("form[action$='/escalate']").EvaluateAsync("f => f.closest('details').open = true") },
        new("ticket-joins", L1, "/tickets/{id}", "2") { Then = page => page.Locator("aside details.sheet summary").First.ClickAsync() },
        new("ticket-split", L1, "/tickets/{id}/split", "3") { Query = "?seq=4" },
        new("answers", L1, "/helpdesk/answers"), new("answer-new", Administrator, "/helpdesk/answers/new"), new("answer", Administrator, "/helpdesk/answers/{id}", "1"),
        new("answer-wrong", L1, "/helpdesk/answers/new") { Then = page => FillAsync(page, "main form", ("#name", "Odd"), ("#body", "{{nobody.knows}}")) },
        new("macros", L1, "/helpdesk/macros"), new("macro-new", Administrator, "/helpdesk/macros/new"), new("macro", Administrator, "/helpdesk/macros/{id}", "1"),
        new("tickets-operator", L1, "/tickets") { Query = "?q=priority%3A2+colour%3Ared" },
        new("tickets-bulk", L1, "/tickets") { Then = page => page.Locator("#list input[name=ticket]").First.CheckAsync() },
        new("tickets-bulk-wrong", L1, "/tickets") { Then = page => FillAsync(page, "#bulk", ("#list input[name=ticket] >> nth=0", "on")) },
        new("batch", L1, "/tickets/batches/{batch}", $"{house.Batch}"),
        new("keys", L1, "/helpdesk/keys"), new("keys-dialog", L1, "/tickets") { Then = page => page.Keyboard.PressAsync("?") },
        new("ticket-new-support", L1, "/tickets/new"),
        new("ticket-new-customer", User, "/tickets/new"),
        new("ticket-new-wrong", User, "/tickets/new") { Then = page => FillAsync(page, "main form") },
    ];

    private static Look[] Reports(SampleHouse house) =>
    [
        new("reports-support", L1, "/reports"), new("reports-customers", L1, "/reports") { Query = "?period=quarter&by=Customer" },
        new("reports-customer", CustomerAdministrator, "/reports"), new("reports-wrong", L1, "/reports") { Query = "?period=custom&from=2026-02-01&until=2026-01-01", Status = 422 },
        new("tickets-of-report", L1, "/tickets") { Query = "?count=Backlog&by=Priority&group=P3" },
        new("ticket-opinion", CustomerAdministrator, "/tickets/{id}", $"{house.Solved}"), new("ticket-rated", L1, "/tickets/{id}", "11"),
        new("rate", Nobody, "/rate/{link}", house.RatingLink), new("rate-wrong", Nobody, "/rate/{link}", house.RatingLink) { Then = page => page.ClickAsync("button[value='Good']") },
    ];

    private static Look[] Mail(SampleHouse house) =>
    [
        new("mail", Administrator, "/helpdesk/mail"),
        new("calendars", Administrator, "/helpdesk/calendars"),
        new("calendar", Administrator, "/helpdesk/calendars/{id:long}", "2"),
        new("calendar-wrong", Administrator, "/helpdesk/calendars/{id:long}", "2") { Then = page => FillAsync(page, "main form", ("#day1", "8 to 20")) },
        new("calendar-what-if", Administrator, "/helpdesk/calendars/{id:long}", "2") { Then = page => page.Locator("button[value='what-if']").ClickAsync() },
        new("promises", Administrator, "/helpdesk/promises"),
    ];

    private static Look[] Hotline(SampleHouse house) =>
    [
        new("hotline", L1, "/hotline"),
        new("hotline-found", L1, "/hotline") { Query = "?q=sah" },
        new("hotline-none", L1, "/hotline") { Query = "?q=98450+00000" },
        new("hotline-call", L1, "/hotline/{id}", house.Bank.ToString()) { Query = $"?caller=p{house.Customer}&phone=98450+12345" },
        new("hotline-call-wrong", L1, "/hotline/{id}", house.Tea.ToString()) { Then = page => FillAsync(page, "#call") },
        new("chat", L1, "/tickets/{id}", "10") { Then = page => page.ClickAsync("#chat > summary") },
        new("runbooks", L1, "/tickets/{id}/runbooks", "10"),
        new("runbook", L1, "/tickets/{id}/runbooks", "10") { Query = "?name=runbooks/full-disk" },
        new("runbook-wrong", L1, "/tickets/{id}/runbooks", "10") { Query = "?name=runbooks/full-disk", Then = page => FillAsync(page, "main form") },
        new("cards", CustomerAdministrator, "/tickets/{id}", "10") { Then = page => HandOverAsync(page, house) },
        new("hotline-unknown", L1, "/hotline/unknown") { Query = "?phone=98450+00000" },
    ];

    private static Look[] Webhooks(SampleHouse house) =>
    [
        new("webhooks", Administrator, "/webhooks"), new("webhooks-none", Partner, "/webhooks"),
        new("webhook-new", CustomerAdministrator, "/webhooks/new"),
        new("webhook-new-wrong", Administrator, "/webhooks/new") { Then = page => FillAsync(page, "main form", ("#url", "http://10.0.0.1/")) },
        new("webhook", Administrator, "/webhooks/{id}", $"{house.Webhook}"),
        new("webhook-replay-wrong", Administrator, "/webhooks/{id}", $"{house.Webhook}") { Then = page => FillAsync(page, "form[action$='/replay'].sheet") },
        new("webhook-secret", Administrator, "/webhooks/{id}", $"{house.Webhook}") { Then = page => ArriveAsync(page, () => page.ClickAsync("form[action$='/secret'] button")) },
    ];

    private static Look[] Customers(SampleHouse house)
    {
        var (bank, tea) = (house.Bank.ToString(), house.Tea.ToString());
        return
        [
            new("customers", L1, "/customers"), new("customers-partner", Partner, "/customers"), new("customers-none", Administrator, "/customers") { Query = "?q=zzz" },
            new("customer", Administrator, "/customers/{id}", bank), new("customer-own", CustomerAdministrator, "/customers/{id}", bank),
            new("customer-bare", Administrator, "/customers/{id}", tea),
            new("customer-wrong", Administrator, "/customers/{id}", tea) { Then = page => FillAsync(page, "form.sheet") },
            new("contacts", L1, "/customers/{id}/contacts", bank), new("contacts-own", CustomerAdministrator, "/customers/{id}/contacts", bank),
            new("contacts-none", L1, "/customers/{id}/contacts", tea), new("contact-new", L1, "/customers/{id}/contacts/new", tea),
            new("contact", L1, "/customers/{id}/contacts/{contact}", bank, $"{house.Contact}"),
            new("contact-wrong", L1, "/customers/{id}/contacts/{contact}", bank, $"{house.Contact}") { Then = page => FillAsync(page, "main form", ("#phones", "call him"), ("#emails", "at home")) },
            new("setup", L1, "/customers/{id}/setup", bank), new("setup-history", L1, "/customers/{id}/setup/history", bank),
            new("setup-revision", L1, "/customers/{id}/setup/{revision:int}", bank, "1"),
            new("subscription-new", Administrator, "/customers/{id}/subscriptions/new", bank),
            new("subscription-wrong", Administrator, "/customers/{id}/subscriptions/new", bank) { Then = page => FillAsync(page, "main form", ("#P1-response", "90"), ("#P1-resolution", "30")) },
            new("subscription", Administrator, "/customers/{id}/subscriptions/{subscription}", bank, $"{house.Subscription}"),
        ];
    }

    private static Look[] Sites(SampleHouse house)
    {
        var sites = house.Sites;
        return
        [
            new("sites", L2, "/sites"), new("sites-customer", CustomerAdministrator, "/sites"), new("sites-none", L2, "/sites") { Query = "?q=zzz" },
            new("site-new", L2, "/sites/new"),
            new("site-new-wrong", L2, "/sites/new") { Then = page => FillAsync(page, "main form") },
            new("site-planned", L2, "/sites/{id:long}", $"{sites.Planned}"),
            new("site-waiting", L2, "/sites/{id:long}", $"{sites.Waiting}"),
            new("site-waiting-wrong", L2, "/sites/{id:long}", $"{sites.Waiting}") { Then = page => FillAsync(page, "main form", ("#code", "AAAA")) },
            new("site-proposed", L2, "/sites/{id:long}", $"{sites.Proposed}"),
            new("site-installing", L2, "/sites/{id:long}", $"{sites.Installing}"),
            new("site-green", L2, "/sites/{id:long}", $"{sites.Green}"),
            new("site-green-customer", CustomerAdministrator, "/sites/{id:long}", $"{sites.Green}"),
            new("site-broken", L2, "/sites/{id:long}", $"{sites.Broken}"),
            new("site-sheet", L2, "/sites/{id:long}/sheet", $"{sites.Planned}"),
        ];
    }

    private static Look[] Downloads(SampleHouse house) =>
    [
        new("downloads", CustomerAdministrator, "/downloads"), new("downloads-product", CustomerAdministrator, "/downloads/{product}", "sample-notes"),
        new("downloads-product-user", User, "/downloads/{product}", "sample-notes"),
    ];

    private static Look[] Manuals(SampleHouse house) =>
    [
        new("manuals", L1, "/wiki"), new("manuals-public", Nobody, "/wiki"),
        new("manual", L1, "/wiki/{section}/{**path}", Manual, "index"), new("manual-public", Nobody, "/wiki/{section}/{**path}", Manual, "index"),
        new("manual-service", L1, "/wiki/{section}/{**path}", "service-manual", ""),
        new("manual-reference", L1, "/wiki/{section}/{**path}", "reference", "site-protocol"),
        new("manual-history", L1, "/wiki/history/{section}/{**path}", Manual, "index"),
        new("manual-change", L1, "/wiki/diff/{commit}/{section}/{**path}", house.Commit, Manual, "index"),
        new("manual-edit", L1, "/wiki/edit/{section}/{**path}", Manual, "index"),
        new("manual-preview", L1, "/wiki/edit/{section}/{**path}", Manual, "index") { Then = page => ArriveAsync(page, () => page.ClickAsync("[name=preview]")) },
        new("manual-new", L1, "/wiki/new/{section}", Manual),
        new("manual-new-wrong", L1, "/wiki/new/{section}", Manual) { Then = page => FillAsync(page, "main form", ("#path", "Not A Path"), ("#body", "")) },
        new("manual-conflict", L1, "/wiki/edit/{section}/{**path}", Manual, "index") { Then = page => ConflictAsync(page, house) },
    ];

    private static Look[] Profile(SampleHouse house) =>
    [
        new("profile", Administrator, "/profile"), new("profile-user", User, "/profile"),
        new("profile-wrong", User, "/profile") { Then = page => FillAsync(page, "form[action='/profile/password']", ("#current", "wrong"), ("#password", "short"), ("#again", "other")) },
        // Who has no password is asked for none right after signing in; who has one must give it.
        new("profile-authenticator", Administrator, "/profile") { Then = page => ArriveAsync(page, () => page.ClickAsync("form[action='/profile/authenticator'] button")) },
        new("profile-not-proved", User, "/profile") { Then = page => FillAsync(page, "form[action='/profile/authenticator']", ("#proof", "wrong")) },
        new("profile-token", Administrator, "/profile") { Then = page => FillAsync(page, "form[action='/profile/tokens']", ("#token-name", "Backup watcher"), ("#permission-NodeManage", "on")) },
    ];

    private static Look[] People(SampleHouse house) =>
    [
        new("people", Administrator, "/people"), new("people-customer", CustomerAdministrator, "/people"), new("people-none", Administrator, "/people") { Query = "?q=zzz" },
        new("person-new", Administrator, "/people/new"), new("person-new-wrong", Administrator, "/people/new") { Then = page => FillAsync(page, "main form") },
        new("person", Administrator, "/people/{id}", house.Customer.ToString()),
        new("organisations", Administrator, "/organisations"), new("organisation-new", Administrator, "/organisations/new"),
        new("organisation-new-wrong", Administrator, "/organisations/new") { Then = page => FillAsync(page, "main form") },
        new("organisation", Administrator, "/organisations/{id}", house.Bank.ToString()),
    ];

    private static Look[] Node(SampleHouse house) =>
    [
        new("node", Administrator, "/node"), new("node-doctor", Administrator, "/node") { Then = page => ArriveAsync(page, () => page.ClickAsync("form[action='/node/doctor'] button")) },
        new("jobs", Administrator, "/node/jobs"), new("settings", Administrator, "/settings"),
        new("settings-wrong", Administrator, "/settings") { Then = page => FillAsync(page, "form.sheet >> nth=0", ("input[type=number] >> nth=0", "")) },
        new("audit", Administrator, "/audit"), new("audit-none", Administrator, "/audit") { Query = "?action=zzz" },
        new("audit-checked", Administrator, "/audit") { Then = page => ArriveAsync(page, () => page.ClickAsync("form[action='/audit/verify'] button")) },
    ];

    private static Look[] Search(SampleHouse house) =>
    [
        new("search", L1, "/search"), new("search-none", L1, "/search") { Query = "?q=zzzzzz" }, new("search-found", L1, "/search") { Query = "?q=mail" },
        new("not-found", L1, "/tickets/{id}", "999999") { Status = 404 }, new("not-allowed", User, "/settings") { Status = 403 },
    ];

    /// <summary>Fills a form and sends it past the browser's own checks, as a browser without them would.</summary>
    internal static async Task FillAsync(IPage page, string form, params (string Field, string Text)[] fields)
    {
        foreach (var (field, text) in fields)
        {
            if (text == "on") await page.CheckAsync(field);
            else await page.FillAsync(field, text);
        }
        var sent = page.Locator(form).First;
        await sent.EvaluateAsync("form => form.noValidate = true");
        await ArriveAsync(page, () => sent.Locator("button:not([name])").Last.ClickAsync());
    }

    /// <summary>Does something that leads to another page, and comes back when that is there.</summary>
    internal static async Task ArriveAsync(IPage page, Func<Task> go)
    {
        await page.EvaluateAsync("() => { window.isThePageBefore = true; }");
        await go();
        await page.WaitForFunctionAsync("() => !window.isThePageBefore && document.readyState === 'complete'");
    }

    // Somebody else writes while this reader does: another window of the same page is enough.
    private static async Task StaleAsync(IPage page)
    {
        var address = page.Url;
        await page.EvaluateAsync("() => document.querySelectorAll('[data-seen]').forEach(field => { field.value = '1'; field.removeAttribute('data-seen'); })");
        await FillAsync(page, "#reply form", ("#body", "The journal filled the disk, I think."));
        Assert.NotEqual(address, page.Url);
    }

    // An engineer hands steps over; the customer has carried out the first.
    private static async Task HandOverAsync(IPage page, SampleHouse house)
    {
        using var engineer = house.Hand(L1);
        using var dropped = await engineer.PostAsync("/tickets/10/runbooks", new Dictionary<string, string> { ["name"] = "runbooks/full-disk", ["step"] = "1" });
        Assert.Equal(System.Net.HttpStatusCode.SeeOther, dropped.StatusCode);
        await Assertions.Expect(page.Locator(".card")).ToBeVisibleAsync();
        await page.ClickAsync(".card button[value=done]");
        await Assertions.Expect(page.Locator(".card [data-mark]")).Not.ToBeEmptyAsync();
        using var said = await engineer.PostAsync("/tickets/10/chat", new Dictionary<string, string> { ["body"] = "Good. What does it say?" });
        await page.ClickAsync("#chat > summary");
        await Assertions.Expect(page.Locator(".message.chat")).ToBeVisibleAsync();
    }

    private static async Task ConflictAsync(IPage page, SampleHouse house)
    {
        using var other = house.Hand(L2);
        await SampleHouse.EditAsync(other, "Somebody else's sentence.");
        await page.EvaluateAsync("() => { const body = document.getElementById('body'); body.value += '\\nMy own sentence.\\n'; }");
        await FillAsync(page, "main form", ("#summary", "Mine"));
    }
}
