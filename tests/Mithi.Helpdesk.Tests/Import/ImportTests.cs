using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Mithi.Helpdesk.Import;
using Mithi.Helpdesk.Tickets;
using Mithi.Testing;
using Xunit;

namespace Mithi.Helpdesk.Tests.Import;

public sealed class ImportTests : IDisposable
{
    private readonly TempFolder temp = new();
    private readonly StringWriter leftOut = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_ticket_of_another_helpdesk_comes_over_with_all_that_happened_to_it()
    {
        await using var desk = await StartAsync();
        Directory.CreateDirectory(temp.File("files"));
        await File.WriteAllTextAsync(temp.File("files/queue.txt"), "1 mail\n", Ct);
        var lines = new[]
        {
            """{"type":"organisation","name":"Tea House","kind":"customer","timeZone":"Asia/Kolkata"}""",
            """{"type":"person","email":"kavitha@tea.test","name":"Kavitha","organisation":"Tea House","role":"administrator"}""",
            """
            {"type":"ticket","key":"77","subject":"Old trouble","kind":"incident","priority":"P2","requester":"kavitha@tea.test","product":"mail-server","state":"Closed","entries":[
            {"type":"message","at":"2024-05-01T09:00:00+05:30","by":{"email":"kavitha@tea.test"},"body":"It is slow.","files":[{"path":"files/queue.txt"}]},
            {"type":"note","at":"2024-05-01T09:10:00+05:30","by":{"email":"engineer@vendor.test"},"body":"note-canary"},
            {"type":"level","at":"2024-05-01T09:11:00+05:30","by":{"email":"engineer@vendor.test"},"to":"L2","body":"Needs a look."},
            {"type":"assigned","at":"2024-05-01T09:12:00+05:30","by":{"email":"engineer@vendor.test"},"to":"engineer@vendor.test"},
            {"type":"priority","at":1714535000000,"by":{"email":"engineer@vendor.test"},"to":"P1"},
            {"type":"message","at":1714536000000,"by":{"email":"engineer@vendor.test"},"body":"Mended."},
            {"type":"state","at":1714536000001,"by":{"email":"engineer@vendor.test"},"to":"Resolved"}]}
            """.ReplaceLineEndings(""),
        };
        var report = await JsonAsync(desk, string.Join('\n', lines));
        Assert.Equal((1, 1, 1, 1, 0), (report.Organisations, report.People, report.Tickets, report.Files, report.LeftOut));

        var ticket = await desk.TicketAsync(new(await desk.CountAsync("select max(id) from ticket")));
        Assert.Equal(("Old trouble", TicketState.Closed, Priority.P1, Level.L2, "A SupportL1"), (ticket.Subject, ticket.State, ticket.Priority, ticket.Level, ticket.AssigneeName));
        Assert.Equal(NodaTime.Instant.FromUtc(2024, 5, 1, 3, 30), ticket.OpenedAt);
        var page = await desk.Engineer.PageAsync($"/tickets/{ticket.Id}");
        Assert.Contains("note-canary", page);
        Assert.Contains("queue.txt", page);
        Assert.Contains("Brought over from zammad 77", page);
        Assert.DoesNotContain("badge bad\">overdue", page);
        // Nobody is told, and the chain is whole.
        Assert.Equal(0, await desk.CountAsync("select count(*) from outgoing_mail"));
        Assert.True((await desk.House.Get<TicketLog>().VerifyAsync(Ct)).Intact);
        Assert.Equal(0, await desk.CountAsync("select count(*) from ticket where resolution_state = 'Breached' or response_state = 'Breached'"));
    }

    [Fact]
    public async Task A_second_run_takes_in_only_what_is_new_and_a_dry_one_nothing()
    {
        await using var desk = await StartAsync();
        var dry = await JsonAsync(desk, Tickets(3), dryRun: true);
        Assert.Equal((3, 0), (dry.Tickets, await desk.CountAsync("select count(*) from ticket")));
        await JsonAsync(desk, Tickets(3));
        var again = await JsonAsync(desk, Tickets(5));
        Assert.Equal((2, 3), (again.Tickets, again.Known));
        Assert.Equal(5, await desk.CountAsync("select count(*) from ticket"));
    }

    [Fact]
    public async Task What_can_not_come_over_is_listed_with_its_place_and_reason()
    {
        await using var desk = await StartAsync();
        await File.WriteAllTextAsync(temp.File("secret"), "outside", Ct);
        Directory.CreateDirectory(temp.File("in"));
        File.CreateSymbolicLink(temp.File("in/link"), temp.File("secret"));
        var report = await JsonAsync(desk, """
            {"type":"ticket"
            {"type":"wish"}
            []
            {"type":"ticket","key":"no entries"}
            {"type":"ticket","key":"late","entries":[{"type":"note","at":1,"body":"x"}]}
            {"type":"ticket","key":"=1","colour":"red","state":"Dreaming","subject":"Files","entries":[{"type":"message","at":1700000000000,"body":"x","files":[{"path":"../secret"},{"path":"/etc/passwd"},{"path":"link"},{"path":"nowhere"}]},{"type":"dance","at":1700000000000},{"type":"state","at":"yesterday","to":"Open"}]}
            {"type":"person","email":"root@vendor.test","name":"Root","organisation":"Mithi","role":"superuser"}
            """, folder: "in");
        Assert.Equal((1, 0, 0), (report.Tickets, report.Files, report.People));
        var list = leftOut.ToString();
        foreach (var part in new[] { "import.jsonl:1\"", "import.jsonl:2\"", "no entries", "\"'=1\",\"colour\"", "Dreaming", "'../secret'", "'/etc/passwd'", "'link'", "'nowhere'", "'dance'", "entries[2].at", "root@vendor.test" })
            Assert.Contains(part, list);
    }

    [Fact]
    public async Task Mails_that_name_one_another_become_one_ticket()
    {
        await using var desk = await StartAsync();
        var mbox = Mail("a", "user@acme.test", "Mail is slow", "It takes minutes.\n>From the beginning.", "Mon, 1 Jul 2024 10:00:00 +0530")
            + Mail("b", "support@vendor.test", "Re: Mail is slow", "Since when?", "Mon, 1 Jul 2024 11:00:00 +0530", "References: <a@x>\n")
            + Mail("d", "who@nowhere.test", "Another matter", "Hello.", "Mon, 1 Jul 2024 09:00:00 +0530")
            + Mail("c", "user@acme.test", "Re: Mail is slow", "Since Monday.", "Mon, 1 Jul 2024 12:00:00 +0530", "In-Reply-To: <b@x>\nReferences: <a@x> <b@x>\n")
            + Mail("e", "mailer-daemon@acme.test", "Undelivered Mail Returned to Sender", "No.", "Mon, 1 Jul 2024 13:00:00 +0530", "Auto-Submitted: auto-replied\nReferences: <b@x>\n");
        await File.WriteAllTextAsync(temp.File("old.mbox"), mbox, Ct);
        var report = await MailAsync(desk, new FileInfo(temp.File("old.mbox")));
        // Of the machine's, and of the sender whom nobody knows.
        Assert.Equal((2, 2), (report.Tickets, report.LeftOut));
        var id = await desk.CountAsync("select id from ticket where subject = 'Mail is slow'");
        var said = await desk.House.Db.ReadAsync(tx => tx.QueryAsync<(string Side, string Body)>("select side, body from ticket_message where ticket_id = @id order by seq", new { id }), Ct);
        Assert.Equal([("Customer", "It takes minutes.\nFrom the beginning."), ("Staff", "Since when?"), ("Customer", "Since Monday.")], said);
        Assert.Equal(TicketState.Closed, (await desk.TicketAsync(new(id))).State);
        Assert.Contains("Mail is slow", await desk.AcmeUser.PageAsync("/tickets?show=all"));

        // The same again, and one more that answers: it goes on with the ticket. A live answer finds it too.
        await File.AppendAllTextAsync(temp.File("old.mbox"), Mail("f", "user@acme.test", "Re: Mail is slow", "It is well now.", "Mon, 1 Jul 2024 14:00:00 +0530", "References: <c@x>\n"), Ct);
        var again = await MailAsync(desk, new FileInfo(temp.File("old.mbox")));
        Assert.Equal((0, 1), (again.Tickets, again.Continued));
        Assert.Equal(4, await desk.CountAsync("select count(*) from ticket_message where ticket_id = @id", new { id }));
        Assert.Equal(1, await desk.CountAsync("select count(*) from mail_id where message_id = 'f@x' and ticket_id = @id", new { id }));
        Assert.True((await desk.House.Get<TicketLog>().VerifyAsync(Ct)).Intact);
    }

    [Fact]
    public async Task A_maildir_and_a_folder_of_mails_come_over_and_what_is_not_whole_does_not()
    {
        await using var desk = await StartAsync();
        foreach (var folder in new[] { "mail/cur", "mail/new", "mail/tmp" }) Directory.CreateDirectory(temp.File(folder));
        var n = 0;
        foreach (var file in new[] { "mail/cur/1:2,S", "mail/new/2", "mail/tmp/3", "mail/4.eml", "mail/notes.txt" })
            await File.WriteAllTextAsync(temp.File(file), string.Join('\n', Mail($"m{n++}", "user@acme.test", $"Subject {n}", "Words.", "Mon, 1 Jul 2024 10:00:00 +0530").Split('\n')[1..]), Ct);
        Assert.Equal(3, (await MailAsync(desk, new DirectoryInfo(temp.File("mail")))).Tickets);
    }

    [Fact]
    public async Task What_was_imported_is_rebuilt_as_it_was()
    {
        await using var desk = await StartAsync();
        await JsonAsync(desk, Tickets(4));
        const string Rows = "select * from ticket order by id";
        var before = JsonSerializer.Serialize(await desk.House.Db.ReadAsync(tx => tx.QueryAsync<dynamic>(Rows), Ct));
        await desk.House.Get<TicketLog>().RebuildAsync(new Progress<(long, long)>(), Ct);
        Assert.Equal(before, JsonSerializer.Serialize(await desk.House.Db.ReadAsync(tx => tx.QueryAsync<dynamic>(Rows), Ct)));
    }

    [Fact]
    public async Task An_open_ticket_counts_from_its_opening_unless_it_is_asked_not_to()
    {
        await using var desk = await StartAsync(new FakeTimeProvider(new DateTimeOffset(2024, 7, 3, 6, 0, 0, TimeSpan.Zero)));
        var line = """{"type":"ticket","key":"KEY","subject":"s","priority":"P1","requester":"user@acme.test","entries":[{"type":"message","at":"2024-07-01T06:00:00Z","body":"x"}]}""";
        await JsonAsync(desk, line.Replace("KEY", "counts"));
        await JsonAsync(desk, line.Replace("KEY", "counts not"), clocks: ImportedClocks.None);
        var due = await desk.House.Db.ReadAsync(tx => tx.QueryAsync<long>("select response_due from ticket order by id"), Ct);
        Assert.Equal([NodaTime.Instant.FromUtc(2024, 7, 1, 7, 0).ToUnixTimeMilliseconds()], due.Take(1));
        Assert.DoesNotContain(due[0], due.Skip(1));
    }

    public void Dispose()
    {
        temp.Dispose();
        leftOut.Dispose();
    }

    private static Task<TestHelpdesk> StartAsync(FakeTimeProvider? clock = null) => TestHelpdesk.StartAsync(clock);

    private static string Tickets(int count) => string.Join('\n', Enumerable.Range(1, count).Select(i =>
        $$"""{"type":"ticket","key":"{{i}}","subject":"Number {{i}}","requester":"user@acme.test","entries":[{"type":"message","at":1700000000{{i:000}},"body":"Words {{i}}"}]}"""));

    private static string Mail(string id, string from, string subject, string body, string date, string headers = "")
        => $"From {from} Mon Jul  1 10:00:00 2024\nFrom: {from}\nTo: support@vendor.test\nSubject: {subject}\nDate: {date}\nMessage-ID: <{id}@x>\n{headers}\n{body}\n\n";

    private async Task<ImportReport> JsonAsync(TestHelpdesk desk, string lines, bool dryRun = false, string folder = "", ImportedClocks clocks = ImportedClocks.Open)
    {
        var file = temp.File(Path.Join(folder, "import.jsonl"));
        await File.WriteAllTextAsync(file, lines, Ct);
        var report = new ImportReport(leftOut);
        await desk.House.Get<TicketImport>().JsonAsync(new(file), new("zammad", [], clocks, dryRun), report, new Progress<(long, long)>(), Ct);
        return report;
    }

    private async Task<ImportReport> MailAsync(TestHelpdesk desk, FileSystemInfo from)
    {
        var report = new ImportReport(leftOut);
        await desk.House.Get<TicketImport>().MailAsync(from, new("old", ["support@vendor.test"], ImportedClocks.Open, false), report, new Progress<(long, long)>(), Ct);
        return report;
    }
}
