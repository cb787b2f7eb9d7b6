using Mithi.Kernel.Jobs;
using NodaTime;

namespace Mithi.Helpdesk.Mail;

/// <summary>Tries again to take in what failed before; what is new is taken in as it comes.</summary>
internal sealed class SpoolJob(MailIntake intake) : IRecurringJob
{
    public string Name => "helpdesk.spool";

    public Duration Interval => Duration.FromMinutes(2);

    public Task RunAsync(CancellationToken ct) => intake.DrainAsync(ct);
}
