using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Mail;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using Mithi.Node.Backup;
using Mithi.Node.Health;
using Mithi.Node.Pages;
using NodaTime;

namespace Mithi.Node;

/// <param name="Findings">Null until the reader asks for them: the doctor reads files and asks the mail server.</param>
public sealed record NodeModel(Instant StartedAt, long FreeBytes, string DataFolder, string Engine, string Pin, IReadOnlyList<FileInfo> Backups,
    JobCounts Jobs, IReadOnlyList<MailLine> Mails, IReadOnlyList<Finding>? Findings, bool Asked);

/// <summary>Knows since when the program runs.</summary>
internal sealed class Uptime(TimeProvider time)
{
    public Instant StartedAt { get; } = time.GetCurrentInstant();
}

internal static class NodeRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var node = routes.MapGroup("/node").Needs(Permission.NodeManage);
        node.MapGet("", ShowAsync);
        node.MapPost("/backup", BackupAsync);
        node.MapPost("/doctor", DoctorAsync);
    }

    private static async Task<IResult> ShowAsync(string? asked, HttpContext context, CancellationToken ct)
        => NodePage.Create(await ModelAsync(context.RequestServices, null, asked == "1", ct));

    private static async Task<IResult> DoctorAsync(Doctor doctor, HttpContext context, CancellationToken ct)
        => NodePage.Create(await ModelAsync(context.RequestServices, await doctor.LookAsync(ct), false, ct));

    private static async Task<IResult> BackupAsync(CurrentPerson me, Db db, JobQueue jobs, AuditLog audit, CancellationToken ct)
    {
        await db.WriteAsync(async tx =>
        {
            await jobs.AddAsync(tx, BackupJob.Name, new { }, key: "one");
            await audit.AddAsync(tx, me, "node.backup", "node");
        }, ct);
        return new SeeOther("/node?asked=1");
    }

    private static async Task<NodeModel> ModelAsync(IServiceProvider services, IReadOnlyList<Finding>? findings, bool asked, CancellationToken ct)
    {
        var folder = Get<DataFolder>();
        return new(Get<Uptime>().StartedAt, new DriveInfo(folder.Root).AvailableFreeSpace, folder.Root, Get<Db>().Engine.ToString(),
            Get<NodeIdentity>().Pin, Get<BackupFolder>().List(), await Get<JobStore>().CountsAsync(ct),
            await Get<MailStore>().ListAsync(Limits.MailLines, ct), findings, asked);

        T Get<T>() where T : notnull => (T)services.GetService(typeof(T))!;
    }
}
