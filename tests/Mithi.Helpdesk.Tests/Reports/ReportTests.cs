using Mithi.Helpdesk.Ratings;
using Mithi.Helpdesk.Reports;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Testing;
using NodaTime;
using Xunit;

namespace Mithi.Helpdesk.Tests.Reports;

public sealed class ReportTests
{
    // A Monday, 10:00 in Kolkata, within the standard calendar's hours.
    private static readonly Instant Monday = Instant.FromUtc(2026, 1, 5, 4, 30);

    private static readonly Actor Meena = new(new(70), "Meena"), Ravi = new(new(71), "Ravi");

    private static readonly CurrentPerson Engineer = new() { Id = new(71), Name = "Ravi", Organisation = new(1), Role = Role.SupportL2, Zone = DateTimeZoneProviders.Tzdb["Asia/Kolkata"] };

    private static readonly ReportPeriod January = ReportPeriod.Read("2026-01-01", "2026-01-31")!;

    [Theory, BothEngines]
    public async Task A_ticket_s_log_says_what_a_report_counts(DbEngine engine)
    {
        await using var kernel = await StartAsync(engine);
        // P2: first and next response within 4 hours, resolution within 24, Monday to Saturday 08:00-20:00.
        await TellAsync(kernel, Opened(Monday, Priority.P2), Answer(1), Question(2), Answer(8), Question(9), Answer(10), State(10, TicketState.Resolved), Said(11, Rating.Bad),
            Question(12), State(12, TicketState.Open, TicketState.Resolved), Answer(14), State(14, TicketState.Resolved), Said(15, Rating.Good));
        await TellAsync(kernel, Opened(Monday, Priority.P2), Answer(5), State(5, TicketState.Resolved));
        await TellAsync(kernel, Opened(Monday, Priority.P2));
        await TellAsync(kernel, Opened(Monday, Priority.P2), Answer(1), Question(2));
        var line = (await ReportAsync(kernel, Grouping.Nothing)).Total;
        Assert.Equal((4, 2, 2), (line.Of(Measure.Opened), line.Of(Measure.ResponseKept), line.Of(Measure.ResponseBroken)));
        Assert.Equal((0, 2), (line.Of(Measure.NextKept), line.Of(Measure.NextBroken)));
        Assert.Equal((2, 1), (line.Of(Measure.Ended), line.Of(Measure.Reopened)));
        Assert.Equal((2, 2, 0), (line.Of(Measure.Resolved), line.Of(Measure.ResolutionKept), line.Of(Measure.ResolutionBroken)));
        Assert.Equal((1, 0), (line.Of(Measure.RatedGood), line.Of(Measure.RatedBad)));
        Assert.Equal((2, 2, 2), (line.Of(Measure.Backlog), line.Of(Measure.Overdue), line.Of(Measure.UnderThreeMonths)));
        Assert.Equal(50, line.Share(Measure.ResponseKept, Measure.ResponseBroken));
        Assert.Equal((Duration.FromHours(1), Duration.FromHours(5)), (line.Response.Median, line.Response.Ninety));
        Assert.Equal(Duration.FromHours(6), line.Next.Median);
        // From the customer's word of its coming back on it counts again: ten hours open on Monday, the rest closed or resolved.
        Assert.Equal(Duration.FromHours(5), line.Resolution.Median);
        Assert.Equal((2, 0, 0), (line.Of(Measure.OnL1), line.Of(Measure.OnL2), line.Of(Measure.PingPong)));
        // Ten hours and two more after it came back; five.
        Assert.Equal((Duration.FromHours(5), Duration.FromHours(12)), (line.Levels[Level.L1].Median, line.Levels[Level.L1].Ninety));
    }

    [Theory, BothEngines]
    public async Task Every_number_is_as_long_as_the_list_behind_it(DbEngine engine)
    {
        await using var kernel = await StartAsync(engine);
        await ManyAsync(kernel, 200);
        var (store, lists) = (kernel.Get<ReportStore>(), kernel.Get<TicketStore>());
        var counted = new HashSet<Measure>();
        foreach (var by in Groupings.All)
        {
            var query = new ReportQuery(January, by, null);
            var report = await store.ReportAsync(query, Engineer, Ct);
            Assert.True(report.Lines.Count > 1, $"{by} has one line.");
            foreach (var line in report.Lines.Append(report.Total))
                foreach (var measure in Enum.GetValues<Measure>())
                {
                    if (line.Of(measure) > 0) counted.Add(measure);
                    if (line == report.Total) Assert.Equal(line.Of(measure), report.Lines.Sum(l => l.Of(measure)));
                    else if (line.Of(measure) == 0 && by != Grouping.Priority) continue;
                    var slice = query.Slice(measure, line == report.Total ? null : line);
                    Assert.Equal(line.Of(measure), (await AllAsync(lists, slice)).Count);
                }
        }
        Assert.Empty(Enum.GetValues<Measure>().Except(counted));
    }

    [Theory, BothEngines]
    public async Task What_reports_count_is_rebuilt_as_it_was_and_made_for_tickets_of_an_older_program(DbEngine engine)
    {
        await using var kernel = await StartAsync(engine);
        await ManyAsync(kernel, 60);
        var before = await FactsAsync(kernel);
        await kernel.Get<TicketLog>().RebuildAsync(new Progress<(long, long)>(), Ct);
        Assert.Equal(before, await FactsAsync(kernel));
        await kernel.Db.WriteAsync(tx => tx.ExecuteAsync("delete from ticket_fact where ticket_id > 20"), Ct);
        // A ticket that goes on before its facts are made must not get half of them.
        await kernel.Db.WriteAsync(async tx => await kernel.Get<TicketLog>().AppendAsync(tx, (await TicketStore.GetAsync(tx, new(30)))!, new TicketChange.Noted(Via.Portal, []), Ravi, "x", kernel.Now), Ct);
        await new FactJob(kernel.Db, kernel.Get<FactStore>(), kernel.Get<TicketLog>()).RunAsync(Ct);
        Assert.Equal(before, await FactsAsync(kernel));
    }

    [Theory]
    [InlineData("2026-01-01", "2025-12-31")]
    [InlineData("2026-01-01", "2027-01-02")]
    [InlineData("", "2026-01-02")]
    [InlineData("9999-12-31", "9999-12-31")]
    [InlineData("-0001-01-01", "2026-01-01")]
    [InlineData("2026-02-30", "2026-03-01")]
    public void Days_that_make_no_period_are_none(string from, string until) => Assert.Null(ReportPeriod.Read(from, until));

    [Fact]
    public void Weeks_begin_on_Monday_and_quarters_in_their_first_month()
    {
        var day = new LocalDate(2026, 2, 22);   // a Sunday
        Assert.Equal((new(2026, 2, 16), day), Days(ReportPeriod.Of(PeriodKind.Week, day)));
        Assert.Equal((new(2026, 2, 1), new LocalDate(2026, 2, 28)), Days(ReportPeriod.Of(PeriodKind.Month, day)));
        Assert.Equal((new(2026, 1, 1), new LocalDate(2026, 3, 31)), Days(ReportPeriod.Of(PeriodKind.Quarter, day)));

        static (LocalDate, LocalDate) Days(ReportPeriod period) => (period.First, period.Last);
    }

    [Theory]
    [InlineData(new long[] { }, null, null)]
    [InlineData(new long[] { 7 }, 7L, 7L)]
    [InlineData(new long[] { 4, 1, 3, 2 }, 2L, 4L)]
    [InlineData(new long[] { 10, 9, 8, 7, 6, 5, 4, 3, 2, 1 }, 5L, 9L)]
    public void A_median_is_a_time_that_really_was(long[] took, long? median, long? ninety)
    {
        var spread = Spread.Of([.. took]);
        Assert.Equal((median, ninety), ((long?)spread.Median?.TotalMilliseconds, (long?)spread.Ninety?.TotalMilliseconds));
    }

    // It is eight weeks after that Monday there.
    private static Task<TestKernel> StartAsync(DbEngine engine) => TestKernel.StartAsync(engine, null, new HelpdeskModule());

    private static Task<Report> ReportAsync(TestKernel kernel, Grouping by) => kernel.Get<ReportStore>().ReportAsync(new(January, by, null), Engineer, Ct);

    private static Task<Ticket> TellAsync(TestKernel kernel, params PastEntry[] story) => kernel.Db.WriteAsync(tx => kernel.Get<TicketLog>().TellAsync(tx, story), Ct);

    private static PastEntry Opened(Instant at, Priority priority, OrganisationId? organisation = null, string product = "", TicketKind kind = TicketKind.Incident)
        => new(at, Meena, new TicketChange.Opened(organisation, null, "Meena", "meena@acme.test", "Mail is slow", kind, priority, product, "", null, Via.Mail, Side.Customer, []), "It is.");

    private static PastEntry Answer(double hours) => new(At(hours), Ravi, new TicketChange.Replied(Side.Staff, Via.Portal, []), "Look here.");

    private static PastEntry Question(double hours) => new(At(hours), Meena, new TicketChange.Replied(Side.Customer, Via.Mail, []), "And now?");

    private static PastEntry State(double hours, TicketState to, TicketState from = TicketState.New)
        => new(At(hours), Ravi, new TicketChange.StateSet(from, to), "");

    private static PastEntry Said(double hours, Rating rating) => new(At(hours), Meena, new TicketChange.Rated(rating, Via.Mail), "");

    private static Instant At(double hours) => Monday + Duration.FromHours(Math.Min(hours, 24 * 56));

    /// <summary>Tickets with every kind of end, the same each time.</summary>
    private static async Task ManyAsync(TestKernel kernel, int tickets)
    {
        var random = new Random(11);
        for (var n = 1; n <= 3; n++)
            await kernel.Db.WriteAsync(tx => tx.ExecuteAsync("insert into organisation (kind, name, created_at) values ('Customer', @name, 0)", new { name = $"Customer {n}" }), Ct);
        for (var i = 0; i < tickets; i++)
        {
            var at = random.NextDouble() * 24 * 98 - 24 * 40;
            List<PastEntry> story = [Opened(At(at), (Priority)random.Next(4), random.Next(4) is > 0 and var o ? new(o) : null, random.Next(3) == 0 ? "" : "mail-server", (TicketKind)random.Next(5))];
            if (random.Next(3) > 0) story.Add(new(At(at), Ravi, new TicketChange.Assigned(new(70 + random.Next(3)), "Ravi"), ""));
            if (random.Next(4) == 0) story.Add(new(At(at), Ravi, new TicketChange.HandedOver(Level.L1, Level.L2), "Look."));
            for (var n = random.Next(9); n > 0; n--)
            {
                at += random.NextDouble() * 30;
                story.AddRange(random.Next(8) switch
                {
                    0 or 1 => [Question(at)],
                    2 => [State(at, TicketState.WaitingForCustomer)],
                    3 => [Answer(at), State(at, TicketState.Resolved), Said(at + 0.5, random.Next(3) == 0 ? Rating.Bad : Rating.Good)],
                    4 => [State(at, TicketState.Open)],
                    5 or 6 => [new(At(at), Ravi, new TicketChange.HandedOver(Level.L1, (Level)random.Next(4)), "Look.")],
                    _ => [Answer(at)],
                });
                if (random.Next(9) == 0) story.Add(State(at, TicketState.Closed));
            }
            await TellAsync(kernel, [.. story]);
        }
    }

    private static async Task<List<TicketId>> AllAsync(TicketStore store, ReportSlice slice)
    {
        var found = new List<TicketId>();
        for (TicketCursor? from = null; ;)
        {
            var (lines, next) = await store.ListAsync(new("all", null, null, "", from, slice), Engineer, 20, Ct);
            found.AddRange(lines.Select(l => l.Id));
            if (next is null) break;
            from = next;
        }
        Assert.Equal(found.Count, found.Distinct().Count());
        return found;
    }

    private static Task<IReadOnlyList<Fact>> FactsAsync(TestKernel kernel) => kernel.Db.ReadAsync(tx => tx.QueryAsync<Fact>("""
        select ticket_id, response_at, response_used, response_kept, next_open, next_count, next_promised, next_broken, next_used, resolution_at, resolution_used,
            resolution_kept, first_ended_at, reopened, closed_at, resolved_seq, rating, rated_at, rated_seq, rated from ticket_fact order by ticket_id
        """), Ct);

    private sealed record Fact(long TicketId, long? ResponseAt, long? ResponseUsed, long? ResponseKept, long NextOpen, long NextCount, long NextPromised, long NextBroken,
        long? NextUsed, long? ResolutionAt, long? ResolutionUsed, long? ResolutionKept, long? FirstEndedAt, long Reopened, long? ClosedAt, long ResolvedSeq, string? Rating,
        long? RatedAt, long? RatedSeq, long Rated);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;
}
