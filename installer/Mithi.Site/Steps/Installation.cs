using Mithi.Protocol.Keys;
using Mithi.Protocol.Messages;
using Mithi.Protocol.Stamp;
using Mithi.Site.Ask;
using Mithi.Site.Journals;
using Mithi.Site.Link;
using Mithi.Site.Plan;
using Mithi.Site.Probe;

namespace Mithi.Site.Steps;

/// <summary>What the steps of one installation share: who we are, what we found, what was agreed, and whom to tell.</summary>
internal sealed class Installation(
    SiteStamp stamp, SigningKey device, NodeLink link, SiteOrders orders, Screen screen, SiteLog log, MachineReader machine, TimeProvider time)
{
    public SiteStamp Stamp => stamp;
    public SigningKey Device => device;
    public NodeLink Link => link;
    public SiteOrders Orders => orders;
    public Screen Screen => screen;
    public SiteLog Log => log;
    public MachineReader Machine => machine;
    public TimeProvider Time => time;

    public required Facts Facts { get; set; }

    /// <summary>Null until the engineer approved one.</summary>
    public InstallPlan? Plan { get; set; }

    /// <summary>Null until the disk has one.</summary>
    public Journal? Journal { get; set; }

    public InstallPlan Agreed => Plan ?? throw new InvalidOperationException("There is no plan yet.");

    /// <summary>The disk of the plan as it is called since this start.</summary>
    public Target Target
    {
        get
        {
            var disk = Facts.Disks.SingleOrDefault(one => one.Serial == Agreed.Disk!.Serial)
                ?? throw new FaultException(Faults.DiskAbsent, $"the disk {Agreed.Disk!.Serial} is gone");
            return new(disk, Agreed.Layout!);
        }
    }
}
