using System.CommandLine;
using System.Text.Json;
using Mithi.Archive;
using Mithi.Cli;

namespace Mithi.ReleaseTool.Commands;

/// <summary>mithi-release rebuild: the full build of a patch's version, byte for byte the published one.</summary>
internal static class RebuildCommand
{
    public static Command Build()
    {
        var whole = new Argument<FileInfo>("base") { Description = "The build that the patch leans on." };
        var patch = new Argument<FileInfo>("patch") { Description = "A patch or a service pack." };
        var to = new Option<DirectoryInfo>("--out", "-o") { Description = "Where the build shall stand.", DefaultValueFactory = _ => new(".") };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("rebuild", "Makes the full build of a version from its base's build and a patch.") { whole, patch, to, json };
        command.SetAction((args, ct) => Task.Run(() =>
        {
            var (wholePath, patchPath) = (args.GetRequiredValue(whole).FullName, args.GetRequiredValue(patch).FullName);
            foreach (var path in new[] { wholePath, patchPath }) Files.Open(path).Dispose();
            var built = FullBuild.Rebuild(wholePath, patchPath, args.GetRequiredValue(to).FullName, ct);
            args.InvocationConfiguration.Output.WriteLine(args.GetValue(json)
                ? JsonSerializer.Serialize(ArchiveJson.Of(built.Manifest, built.Path, built.Sha256, built.Bytes), OutputContext.Plain.ArchiveJson)
                : $"{built.Sha256}  {built.Path}");
            return ExitCode.Done;
        }, ct));
        return command;
    }
}
