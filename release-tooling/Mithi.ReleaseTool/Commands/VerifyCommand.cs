using System.CommandLine;
using System.Text.Json;
using Mithi.Archive;
using Mithi.Cli;

namespace Mithi.ReleaseTool.Commands;

/// <summary>mithi-release verify: reads every byte of an archive as a site would.</summary>
internal static class VerifyCommand
{
    public static Command Build()
    {
        var archive = new Argument<FileInfo>("archive") { Description = "The archive." };
        var wholeBase = new Option<FileInfo?>("--base") { Description = "The build that it leans on: makes the resulting tree in a scratch folder and checks every file." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("verify", "Reads an archive to its end and refuses whatever a site would refuse. Signatures are checked by tuf.") { archive, wholeBase, json };
        command.SetAction((args, ct) => Task.Run(
            () => Run(args, args.GetRequiredValue(archive).FullName, args.GetValue(wholeBase)?.FullName, args.GetValue(json), ct), ct));
        return command;
    }

    private static int Run(ParseResult args, string path, string? wholeBase, bool json, CancellationToken ct)
    {
        Manifest manifest;
        using (var file = Files.Open(path))
        using (var reader = ArchiveReader.Open(file))
        {
            manifest = reader.Manifest;
            if (Path.GetFileName(path) != manifest.Name.ToString())
                throw new UserException($"{Path.GetFileName(path)} is {manifest.Name} inside.", "Give it its own name: sites go by it.");
            reader.Verify(ct);
        }
        if (wholeBase is not null) VerifyResult(wholeBase, path, ct);
        var to = args.InvocationConfiguration.Output;
        var (sha256, bytes) = (TreeScan.Sha256(path, ct), new FileInfo(path).Length);
        to.WriteLine(json
            ? JsonSerializer.Serialize(ArchiveJson.Of(manifest, path, sha256, bytes), OutputContext.Plain.ArchiveJson)
            : $"{sha256}  {manifest.Name} is sound{(wholeBase is null ? "" : " and fits its base")}.");
        return ExitCode.Done;
    }

    private static void VerifyResult(string wholeBase, string patch, CancellationToken ct)
    {
        using var _ = Files.Open(wholeBase);
        var scratch = Directory.CreateTempSubdirectory("mithi-verify-");
        try
        {
            if (FullBuild.Verify(wholeBase, patch, scratch.FullName, ct) is [var first, ..])
                throw new ArchiveException(ArchiveFault.DigestMismatch, $"The resulting tree is not what the manifest says: {first.Fault}.", first.Path);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }
}
