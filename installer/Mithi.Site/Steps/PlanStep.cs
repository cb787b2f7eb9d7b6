using System.Security.Cryptography;
using Mithi.Protocol.Commands;
using Mithi.Protocol.Messages;
using Mithi.Site.Ask;
using Mithi.Site.Plan;

namespace Mithi.Site.Steps;

/// <summary>PLAN: sheet in, proposal out, until the engineer approves exactly the one that was shown.</summary>
internal sealed class PlanStep : InstallStep
{
    public override Stage Stage => Stage.Plan;

    public override async Task DoAsync(Installation on, StepProgress progress, CancellationToken ct)
    {
        if (on.Plan is not null) return;   // Agreed before a restart; the journal has it.
        InstallPlan? proposed = null;
        on.Screen.Change(state => state with { Event = "waiting for the engineer's plan" });
        await foreach (var command in on.Orders.Plans.ReadAllAsync(ct))
        {
            if (command.Order is MakePlan make) proposed = Propose(on, command, make.Sheet) ?? proposed;
            else if (command.Order is ApprovePlan approval && Approve(on, command, approval, proposed)) return;
        }
    }

    private static InstallPlan? Propose(Installation on, Command command, SiteSheet sheet)
    {
        on.Facts = on.Machine.Read() with { Networks = on.Facts.Networks };
        on.Link.Show(new FactsMessage(on.Facts));
        try
        {
            var plan = InstallPlan.For(NewId(), on.Facts, sheet);
            on.Link.Show(new PlanMessage(plan.ToProposal()));
            on.Orders.Answer(command, ok: true, "done", plan.Faults.Count == 0 ? "The plan is ready." : "The plan can't be carried out yet.",
                plan.Faults.Count == 0 ? null : plan.Faults[0].Fault.Id);
            on.Screen.Change(state => state with
            {
                Fault = plan.Faults.Count == 0 ? null : plan.Faults[0].Fault,
                Event = "the engineer looks at the plan",
            });
            on.Log.Info("PLAN", $"plan {plan.Id} from sheet {sheet.Revision}, {plan.Faults.Count} faults");
            return plan;
        }
        catch (FaultException broken)
        {
            on.Orders.Answer(command, ok: false, "refused", broken.Detail, broken.Fault.Id);
            return null;
        }
    }

    private static bool Approve(Installation on, Command command, ApprovePlan approval, InstallPlan? proposed)
    {
        if (proposed is null || approval.PlanId != proposed.Id || approval.Digest != proposed.Digest || proposed.Faults.Count > 0)
        {
            on.Orders.Answer(command, ok: false, "refused", "The approval is not for the plan that was shown last.", Faults.Unsigned.Id);
            return false;
        }
        on.Plan = proposed;
        on.Orders.PlanIsAgreed();
        on.Orders.Answer(command, ok: true, "done", "The installation begins.");
        on.Screen.Change(state => state with { Fault = null, Event = "the engineer has approved the plan" });
        on.Log.Info("PLAN", $"plan {proposed.Id} approved by {command.Grant}");
        return true;
    }

    private static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10));
}

/// <summary>CONFIRM: a disk with something on it is overwritten only after the operator typed the end of its serial number.</summary>
internal sealed class ConfirmStep(Keyboard keyboard) : InstallStep
{
    public override Stage Stage => Stage.Confirm;

    public override async Task DoAsync(Installation on, StepProgress progress, CancellationToken ct)
    {
        if (on.Journal is not null || !on.Agreed.NeedsConfirmation) return;
        var disk = on.Agreed.Disk!;
        var wanted = InstallPlan.Confirmation(disk);
        var question = $"On the disk {disk.Model}, {InstallPlan.Size(disk.Bytes)}, there is {disk.Content}. All of it will be erased. " +
            "To allow it, type the last four characters of the number on the disk's label and press Enter.";
        on.Screen.Change(state => state with { Question = question });
        await foreach (var line in keyboard.Lines(ct))
        {
            if (line.Trim().Equals(wanted, StringComparison.OrdinalIgnoreCase)) break;
            on.Log.Warning("CONFIRM", "the operator typed something else");
            on.Screen.Change(state => state with { Event = "that is not the end of this disk's number" });
        }
        on.Log.Info("CONFIRM", $"the operator allowed that {disk.Serial} is overwritten");
        on.Screen.Change(state => state with { Question = null });
    }
}
