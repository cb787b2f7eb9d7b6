using Mithi.Archive;
using Mithi.Cli;
using Mithi.Protocol;
using Mithi.Protocol.Stamp;
using Mithi.Site.Apply;
using Mithi.Site.Journals;

namespace Mithi.Site.Agent;

/// <summary>What the installer left for the agent, in a folder that only root reads.</summary>
internal sealed class AgentState
{
    public const string InstallationFile = "installation.json";
    public const string PlanFile = "plan-id";
    public const string CounterFile = "counter";
    public const string StampFile = "site.conf";
    public const string RootFile = "release-root.json";
    public const string TrustFolder = "trust";

    private readonly string _folder;

    private AgentState(string folder, SiteStamp stamp, byte[] root, InstallationRecord installation, string planId, OrderBook orders)
        => (_folder, Stamp, ReleaseRoot, Installation, PlanId, Orders) = (folder, stamp, root, installation, planId, orders);

    public SiteStamp Stamp { get; }

    public byte[] ReleaseRoot { get; }

    public InstallationRecord Installation { get; }

    public string PlanId { get; }

    /// <summary>The orders that were taken, before this start and since.</summary>
    public OrderBook Orders { get; }

    public string Trust => Path.Join(_folder, TrustFolder);

    /// <summary>The product of this site.</summary>
    public ProductFolder Product => ProductFolder.At(Places.ProductRoot, Installation.Sheet.Product);

    /// <summary>What runs now.</summary>
    public ReleaseVersion? Current => Product.CurrentVersion();

    /// <exception cref="UserException">This machine was not installed by us.</exception>
    public static AgentState Read(string folder)
    {
        try
        {
            return new(
                folder,
                SiteStamp.Parse(File.ReadAllText(Path.Join(folder, StampFile))),
                File.ReadAllBytes(Path.Join(folder, RootFile)),
                InstallationRecord.Read(File.ReadAllText(Path.Join(folder, InstallationFile)))
                    ?? throw new FileNotFoundException($"{InstallationFile} can't be read."),
                File.ReadAllText(Path.Join(folder, PlanFile)).Trim(),
                OrderBook.Open(folder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ProtocolException or FormatException)
        {
            throw new UserException($"This machine has no agent's state in {folder}: {e.Message}", "Install it from a medium of its site.", e);
        }
    }
}
