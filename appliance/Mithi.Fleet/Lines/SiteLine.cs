using System.Threading.Channels;
using Mithi.Fleet.Sites;
using Mithi.Protocol.Connection;
using Mithi.Protocol.Handshake;
using Mithi.Protocol.Messages;
using Mithi.Protocol.Pairing;

namespace Mithi.Fleet.Lines;

/// <summary>A machine that is connected now, and what of it is worth seeing but not keeping.</summary>
internal sealed class SiteLine(SiteId site, NodeSession session, string address)
{
    private readonly Channel<bool> wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock holding = new();
    private readonly List<LogEntry> heldLog = [];
    private Facts? heldFacts;
    private FaultMessage? heldFault;
    private volatile bool paired = session.Pending is null;

    public SiteId Site => site;
    public NodeSession Session => session;
    public SiteConnection Connection => session.Connection;
    public string Device => session.Device.Hash.Hex;
    public string Agent => session.Hello.Agent;
    public string Stage => session.Hello.Stage;

    /// <summary>From where it connected, as the network shows it.</summary>
    public string Address => address;

    /// <summary>False while its code has not been entered.</summary>
    public bool IsPaired => paired;

    public PendingPairing? Pending => session.Pending;
    public ScreenMessage? Screen { get; set; }
    public ProgressMessage? Progress { get; set; }

    /// <summary>What a machine that waits for its code says it is.</summary>
    public Facts? HeldFacts
    {
        get { lock (holding) return heldFacts; }
    }

    /// <summary>Keeps what an unknown machine says, within bounds, until it is known to be the site's.</summary>
    public void Hold(ControlMessage message)
    {
        lock (holding)
        {
            switch (message)
            {
                case FactsMessage facts:
                    heldFacts = facts.Facts;
                    break;
                case FaultMessage fault:
                    heldFault = fault;
                    break;
                case FaultClearedMessage:
                    heldFault = null;
                    break;
                case LogMessage log:
                    heldLog.AddRange(log.Entries.Take(Limits.HeldLogEntriesMax - heldLog.Count).Select(Short));
                    break;
            }
        }
    }

    private static LogEntry Short(LogEntry entry) => entry with
    {
        Level = SiteInbox.Cut(entry.Level, Protocol.Limits.NameCharsMax), Step = SiteInbox.Cut(entry.Step, Protocol.Limits.NameCharsMax),
        Text = SiteInbox.Cut(entry.Text, Protocol.Limits.LogTextCharsMax),
    };

    /// <summary>What was held, as messages.</summary>
    public IReadOnlyList<ControlMessage> TakeHeld()
    {
        lock (holding)
        {
            List<ControlMessage> held = [];
            if (heldFacts is not null) held.Add(new FactsMessage(heldFacts));
            if (heldLog.Count > 0) held.Add(new LogMessage([.. heldLog]));
            if (heldFault is not null) held.Add(heldFault);
            (heldFacts, heldFault) = (null, null);
            heldLog.Clear();
            return held;
        }
    }

    /// <summary>Its code was entered and that is on the disk.</summary>
    public void BecomePaired()
    {
        paired = true;
        Wake();
    }

    /// <summary>There may be an order for it.</summary>
    public void Wake() => wake.Writer.TryWrite(true);

    public async Task WaitAsync(CancellationToken ct) => await wake.Reader.ReadAsync(ct);
}
