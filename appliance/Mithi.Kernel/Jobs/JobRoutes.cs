using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs.Pages;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Kernel.Jobs;

public sealed record JobsModel(IReadOnlyList<JobLine> Work, IReadOnlyList<JobLine> Recurring, JobCounts Counts);

internal static class JobRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var jobs = routes.MapGroup("/node/jobs").Needs(Permission.NodeManage);
        jobs.MapGet("", ShowAsync);
        jobs.MapPost("/{id}/retry", RetryAsync);
        jobs.MapPost("/{id}/drop", DropAsync);
    }

    private static async Task<IResult> ShowAsync(JobStore store, CancellationToken ct)
    {
        var all = await store.ListAsync(ct);
        return JobsPage.Create(new JobsModel([.. all.Where(j => j.Kind != JobKind.Recurring)],
            [.. all.Where(j => j.Kind == JobKind.Recurring).OrderBy(j => j.Name, StringComparer.Ordinal)], await store.CountsAsync(ct)));
    }

    private static Task<IResult> RetryAsync(JobId id, CurrentPerson me, Db db, JobStore store, AuditLog audit, CancellationToken ct)
        => ChangeAsync(id, "job.retry", store.RetryAsync, me, db, audit, ct);

    private static Task<IResult> DropAsync(JobId id, CurrentPerson me, Db db, JobStore store, AuditLog audit, CancellationToken ct)
        => ChangeAsync(id, "job.drop", store.DropAsync, me, db, audit, ct);

    // One that is gone meanwhile was done or dropped by somebody else: the list shows it.
    private static async Task<IResult> ChangeAsync(
        JobId id, string action, Func<Tx, JobId, Task<bool>> change, CurrentPerson me, Db db, AuditLog audit, CancellationToken ct)
    {
        await db.WriteAsync(async tx =>
        {
            if (await change(tx, id)) await audit.AddAsync(tx, me, action, $"job:{id}");
        }, ct);
        return new SeeOther("/node/jobs");
    }
}
