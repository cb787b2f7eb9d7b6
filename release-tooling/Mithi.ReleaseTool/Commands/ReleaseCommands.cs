using System.CommandLine;

namespace Mithi.ReleaseTool.Commands;

/// <summary>The list of all commands of <c>mithi-release</c>. A new one is one line here.</summary>
internal static class ReleaseCommands
{
    public static RootCommand Build() => new("Packs, checks, signs and publishes releases.")
    {
        PackCommand.Build(),
        PatchCommand.BuildPatch(),
        PatchCommand.BuildServicePack(),
        ShowCommand.Build(),
        VerifyCommand.Build(),
        DiffCommand.Build(),
        RebuildCommand.Build(),
        OsImageCommand.Build(),
        KeysCommand.Build(),
        SignCommand.Build(),
        PublishCommand.Build(),
        TufCommand.Build(),
    };
}
