using System.Globalization;
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

    private AgentState(string folder, SiteStamp stamp, byte[] root, InstallationRecord installation, string planId, long counter)
        => (_folder, Stamp, ReleaseRoot, Installation, PlanId, Counter) = (folder, stamp, root, installation, planId, counter);

    public SiteStamp Stamp { get; }

    public byte[] ReleaseRoot { get; }

    public InstallationRecord Installation { get; }

    public string PlanId { get; }

    /// <summary>The highest counter of an order that was taken before this start.</summary>
    public long Counter { get; }

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
                long.Parse(File.ReadAllText(Path.Join(folder, CounterFile)), CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ProtocolException or FormatException)
        {
            throw new UserException($"This machine has no agent's state in {folder}: {e.Message}", "Install it from a medium of its site.", e);
        }
    }

    /// <summary>Written before the order is carried out: a replayed one is refused also after a power cut.</summary>
    public void KeepCounter(long counter)
        => ProductFolder.WriteDurably(Path.Join(_folder, CounterFile), System.Text.Encoding.ASCII.GetBytes($"{counter}"));
}
