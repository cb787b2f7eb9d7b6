using Mithi.Protocol.Commands;
using Mithi.Protocol.Messages;
using Mithi.Site.Link;

namespace Mithi.Site.Agent;

/// <summary>Carries out the node's orders one after the other and reports how the installed site is.</summary>
internal sealed class AgentDesk(NodeLink link, ProductUpdate update, AgentState state, SiteLog log, TimeProvider time)
{
    public async Task RunAsync(CancellationToken ct)
    {
        await ReportAsync(ct);
        // The node may have heard them or not, before this start; it takes each once.
        foreach (var answer in state.Orders.Answers) link.Tell(answer);
        using var timer = new PeriodicTimer(Limits.ReportEvery, time);
        var tick = timer.WaitForNextTickAsync(ct).AsTask();
        var order = link.Orders.WaitToReadAsync(ct).AsTask();
        while (true)
        {
            if (await Task.WhenAny(tick, order) == order)
            {
                if (!await order) return;
                while (link.Orders.TryRead(out var command)) await CarryOutAsync(command, ct);
                order = link.Orders.WaitToReadAsync(ct).AsTask();
            }
            else
            {
                if (!await tick) return;
                await ReportAsync(ct);
                tick = timer.WaitForNextTickAsync(ct).AsTask();
            }
        }
    }

    private async Task CarryOutAsync(Command command, CancellationToken ct)
    {
        log.Info("", $"Order {command.Id}: {command.Order.GetType().Name}, allowed by {command.Grant}");
        state.Orders.Begin(command, time.GetUtcNow());
        var product = state.Product.Product;
        var result = command.Order switch
        {
            ApplyRelease apply when apply.Product == product => await update.ApplyAsync(apply.Version, Progress, ct),
            RollBack back when back.Product == product => await update.RollBackAsync(ct),
            SendReport => new UpdateResult(true, "done", "The report follows.", null),
            _ => new UpdateResult(false, "refused", $"This site runs {product} and knows no such order.", null),
        };
        log.Info("", $"Order {command.Id}: {result.Outcome}. {result.Detail}");
        // First how the site is, then that the order is done: whoever waits for the one finds the other.
        await ReportAsync(ct);
        link.Tell(new ResultMessage(command.Id, result.Ok, result.Outcome, result.Detail, result.Fault?.Id));
    }

    private void Progress(string step, long done, long total)
        => link.Show(new ProgressMessage(step, done, total, "bytes", time.GetUtcNow()));

    private async Task ReportAsync(CancellationToken ct)
    {
        var checks = await ProductHealth.AskAsync(state.Product, ct);
        var (sheet, current) = (state.Installation.Sheet, state.Current);
        var previous = state.Product.Installed().LastOrDefault(version => current is not null && version < current);
        link.Show(new ReportMessage(new SiteReport(
            "agent", Versions.Own, $"{sheet.OsImage} {sheet.OsVersion}", sheet.Product, current?.ToString() ?? "",
            previous?.ToString(), checks.All(check => check.Healthy), checks, Installed: true, time.GetUtcNow())));
    }
}
