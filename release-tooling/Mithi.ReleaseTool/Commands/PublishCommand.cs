using System.CommandLine;
using System.Text.Json;
using Mithi.Cli;
using Mithi.ReleaseTool.Publishing;
using Mithi.Trust.Repository;

namespace Mithi.ReleaseTool.Commands;

/// <summary>mithi-release publish: what was signed goes to a node. Can be repeated: what is there is not sent again.</summary>
internal static class PublishCommand
{
    public static Command Build()
    {
        var node = new Option<string>("--node") { Description = "The vendor's node, like https://node.example.com.", Required = true };
        var token = new Option<FileInfo>("--token-file") { Description = "A file with an API token that may publish releases.", Required = true };
        var repo = new Option<DirectoryInfo>("--repo") { Description = "The release folder, with metadata/ and targets/.", Required = true };
        var pin = new Option<string?>("--pin") { Description = "SHA-256 of the node's public key, hex or base64; otherwise what this system trusts is trusted." };
        var channel = new Option<string>("--channel") { Description = "For whom it is visible.", DefaultValueFactory = _ => "stable" };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("publish", "Sends archives and signed metadata to a node, which checks them as a site would.") { node, token, repo, pin, channel, json };
        command.SetAction(async (args, ct) =>
        {
            var folder = args.GetRequiredValue(repo);
            if (!folder.Exists) throw new UserException($"{folder} is not there.", "Name the folder that mithi-release sign wrote.");
            var address = NodeAddress.Read(args.GetRequiredValue(node), args.GetRequiredValue(token).FullName, args.GetValue(pin));
            using var http = address.Connect();
            using var progress = Progress.ForConsole(TimeProvider.System);
            var published = await new Publisher(new NodeClient(http, TimeProvider.System, progress.Say), progress).PublishAsync(
                new ReleaseFolder(folder.FullName, TimeProvider.System), address.Url, args.GetRequiredValue(channel), ct);
            args.InvocationConfiguration.Output.WriteLine(args.GetValue(json)
                ? JsonSerializer.Serialize(published, OutputContext.Plain.PublishedJson)
                : $"Published as snapshot {published.Snapshot} at {published.Node}: {published.Sent} archives sent ({published.Bytes} bytes), {published.AlreadyThere} were there.");
            return ExitCode.Done;
        });
        return command;
    }
}
