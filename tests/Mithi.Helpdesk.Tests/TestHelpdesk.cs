using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Mithi.Helpdesk.Levels;
using Mithi.Helpdesk.Mail;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;
using Mithi.Kernel.Settings;
using Mithi.Testing;
using Xunit;

namespace Mithi.Helpdesk.Tests;

/// <summary>A house with a vendor, a partner, two customers and everybody who works there.</summary>
internal sealed partial class TestHelpdesk : IAsyncDisposable
{
    private TestHelpdesk(TestAppliance house) => House = house;

    public TestAppliance House { get; }

    public required OrganisationId Vendor { get; init; }

    public required OrganisationId Acme { get; init; }

    public required TestBrowser Engineer { get; init; }

    /// <summary>Administers Acme, a customer of the partner.</summary>
    public required TestBrowser AcmeAdministrator { get; init; }

    public required TestBrowser AcmeUser { get; init; }

    public required TestBrowser AcmeColleague { get; init; }

    public required TestBrowser Partner { get; init; }

    /// <summary>Administers another customer, whom the vendor serves.</summary>
    public required TestBrowser Stranger { get; init; }

    /// <param name="clock">Give one to decide what time it is.</param>
    /// <param name="replace">Last word on the services.</param>
    public static async Task<TestHelpdesk> StartAsync(FakeTimeProvider? clock = null, Action<IServiceCollection>? replace = null)
    {
        var house = await TestAppliance.StartAsync(clock, replace);
        var vendor = await house.OrganisationAsync("Vendor", "Mithi");
        var partner = await house.OrganisationAsync("Partner", "Partner House");
        var acme = await house.OrganisationAsync("Customer", "Acme", partner);
        var other = await house.OrganisationAsync("Customer", "Other");
        return new(house)
        {
            Vendor = vendor,
            Acme = acme,
            Engineer = await house.SignInAsync(Role.SupportL1, vendor, "engineer@vendor.test"),
            AcmeAdministrator = await house.SignInAsync(Role.CustomerAdministrator, acme, "admin@acme.test"),
            AcmeUser = await house.SignInAsync(Role.CustomerUser, acme, "user@acme.test"),
            AcmeColleague = await house.SignInAsync(Role.CustomerUser, acme, "colleague@acme.test"),
            Partner = await house.SignInAsync(Role.Partner, partner, "partner@partner.test"),
            Stranger = await house.SignInAsync(Role.CustomerAdministrator, other, "admin@other.test"),
        };
    }

    /// <summary>Opens a ticket with the form; answers its number.</summary>
    public async Task<TicketId> OpenAsync(TestBrowser by, string subject = "Mail is slow", string body = "Since Monday.", string priority = "P3")
    {
        using var answer = await by.PostAsync("/tickets/new", new Dictionary<string, string>
        {
            ["subject"] = subject, ["kind"] = "Incident", ["priority"] = priority, ["product"] = "mail-server", ["version"] = "1.0.0", ["body"] = body,
        });
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        return new(long.Parse(Number().Match(answer.Headers.Location!.ToString()).Groups[1].Value));
    }

    public Task<HttpResponseMessage> ReplyAsync(TestBrowser by, TicketId id, string body, long seen = 1_000, string then = "")
        => by.PostAsync($"/tickets/{id}/replies", new Dictionary<string, string> { ["body"] = body, ["seen"] = $"{seen}", ["then"] = then });

    public Task<HttpResponseMessage> NoteAsync(TestBrowser by, TicketId id, string body)
        => by.PostAsync($"/tickets/{id}/notes", new Dictionary<string, string> { ["body"] = body, ["seen"] = "1000" });

    /// <summary>Sends the form of a hand-over with each of the level's questions ticked.</summary>
    public async Task<HttpResponseMessage> HandOverAsync(TestBrowser by, TicketId id, string level, string reason)
    {
        var fields = new Dictionary<string, string> { ["level"] = level, ["reason"] = reason };
        var list = await House.Get<EvidenceStore>().GetAsync(CancellationToken.None);
        foreach (var (question, i) in list.Questions.GetValueOrDefault(Enum.TryParse<Level>(level, out var to) ? to : Level.L1, []).Select((q, i) => (q, i)))
            (fields[$"question-{i}"], fields[$"given-{i}"]) = (question, "1");
        return await by.PostAsync($"/tickets/{id}/level", fields);
    }

    public Task<Ticket> TicketAsync(TicketId id)
        => House.Db.ReadAsync(async tx => (await TicketStore.GetAsync(tx, id))!, CancellationToken.None);

    public Task<long> CountAsync(string sql, object? values = null)
        => House.Db.ReadAsync(tx => tx.QuerySingleAsync<long>(sql, values), CancellationToken.None);

    /// <summary>Takes a mail in through the pipe, all the way.</summary>
    public async Task TakeInAsync(string raw)
    {
        using var mail = new MemoryStream(Encoding.UTF8.GetBytes(raw));
        await MailIn.PutAsync(House.Folder.Spool, mail, CancellationToken.None);
        await House.Get<MailIntake>().DrainAsync(CancellationToken.None);
    }

    /// <summary>A mail of plain text as it comes over the wire.</summary>
    /// <param name="headers">Further ones, without a line break at the end.</param>
    public static string From(string from, string subject, string body, string headers = "")
        => $"From: {from}\r\nTo: support@vendor.test\r\nSubject: {subject}\r\n{headers}{(headers.Length > 0 ? "\r\n" : "")}\r\n{body}\r\n";

    public async Task SetAsync(string key, string value) => Assert.Empty(await House.Get<SettingStore>().ChangeAsync(
        new Dictionary<string, string> { [key] = value }, CurrentPerson.Nobody("en", NodaTime.DateTimeZone.Utc) with { Name = "Test" }, CancellationToken.None));

    public Task DrainAsync() => House.Get<JobLoop>().DrainAsync(CancellationToken.None);

    public ValueTask DisposeAsync() => House.DisposeAsync();

    [GeneratedRegex("/tickets/([0-9]+)")]
    private static partial Regex Number();
}
