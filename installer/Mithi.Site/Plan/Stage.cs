namespace Mithi.Site.Plan;

/// <summary>The stages of an installation, in their order.</summary>
internal enum Stage
{
    Net, Node, Pair, Plan, Confirm, Part, Mkfs, FetchOs, WriteOs, Config, Boot, FetchApp, Reboot,
    FirstBoot, App, Health, Agent, Done,
}

/// <summary>The names that the journal, the node and the manual use, and where a stage stands on the operator's screen.</summary>
internal static class StageNames
{
    /// <summary>How many steps the operator sees.</summary>
    public const int StepsOfOperator = 8;

    public static string Name(this Stage stage) => stage switch
    {
        Stage.FetchOs => "FETCH_OS",
        Stage.WriteOs => "WRITE_OS",
        Stage.FetchApp => "FETCH_APP",
        _ => stage.ToString().ToUpperInvariant(),
    };

    /// <summary>Which of the eight steps that is, and its words.</summary>
    public static (int Number, string Words) ForOperator(this Stage stage) => stage switch
    {
        Stage.Net => (1, "Looking for the network"),
        Stage.Node or Stage.Pair => (2, "Calling the support centre"),
        Stage.Plan or Stage.Confirm => (3, "The engineer plans the installation"),
        Stage.Part or Stage.Mkfs => (4, "Preparing the disk"),
        Stage.FetchOs or Stage.WriteOs => (5, "Installing the system"),
        Stage.Config or Stage.Boot or Stage.FetchApp => (6, "Fetching the mail server"),
        Stage.Reboot or Stage.FirstBoot or Stage.App => (7, "Starting the mail server"),
        _ => (8, "Checking that it works"),
    };
}
