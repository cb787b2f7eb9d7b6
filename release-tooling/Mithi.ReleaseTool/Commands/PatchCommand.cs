using System.CommandLine;
using Mithi.Archive;
using Mithi.Cli;

namespace Mithi.ReleaseTool.Commands;

/// <summary>mithi-release patch and service-pack: what changed from a base to a tree.</summary>
internal static class PatchCommand
{
    public static Command BuildPatch()
    {
        var ptf = new Option<bool>("--ptf") { Description = "For one customer, until the official patch supersedes it." };
        return Build("patch", "Packs what changed since a base: its version is the base's with the next -pN.",
            args => args.GetValue(ptf) ? ArchiveKind.Ptf : ArchiveKind.Patch, ptf);
    }

    public static Command BuildServicePack()
        => Build("service-pack", "Packs all that changed since the build: version X.Y.Z-spN over X.Y.Z.", _ => ArchiveKind.ServicePack);

    private static Command Build(string name, string description, Func<ParseResult, ArchiveKind> kind, params Option[] more)
    {
        var from = new Argument<FileInfo>("base") { Description = "The archive of the base, of any kind: only its manifest is read." };
        var withBuild = new Option<bool>("--with-build") { Description = "Write the full build of the new version too; mirrors can rebuild it byte for byte." };
        var options = new PackingOptions();
        var command = new Command(name, description);
        command.Arguments.Add(from);
        options.AddTo(command);
        command.Options.Add(withBuild);
        foreach (var option in more) command.Options.Add(option);
        command.SetAction((args, ct) => Task.Run(() =>
        {
            var old = Files.ManifestOf(args.GetRequiredValue(from).FullName);
            var build = options.ReadTree(args, ArchiveKind.Build, ct);
            var patch = Between(old, build, kind(args));
            return args.GetValue(withBuild)
                ? options.Print(args, options.Write(args, patch, ct), options.Write(args, build, ct))
                : options.Print(args, options.Write(args, patch, ct));
        }, ct));
        return command;
    }

    private static Manifest Between(Manifest old, Manifest build, ArchiveKind kind)
    {
        try
        {
            return PatchPlan.Between(old, build, kind);
        }
        catch (ArchiveException e)
        {
            throw new UserException(e.Message, $"The base is {old.Name}: name another one, or another version in release.json or with --version.", e);
        }
    }
}
