using System.Text.Json;
using Mithi.Archive;
using Mithi.Cli;
using Mithi.Trust;
using Mithi.Trust.Metadata;
using Mithi.Trust.Repository;

namespace Mithi.ReleaseTool.Publishing;

/// <summary>Brings a signed release folder to a node: archives first, then the metadata that names them.</summary>
internal sealed class Publisher(NodeClient node, Progress progress)
{
    public async Task<PublishedJson> PublishAsync(ReleaseFolder folder, Uri url, string channel, CancellationToken ct)
    {
        var proposal = Signed(folder);
        var (sent, there, bytes) = (0, 0, 0L);
        foreach (var target in folder.Targets())
        {
            ct.ThrowIfCancellationRequested();
            var sha256 = target.Digests.Sha256
                ?? throw new UserException($"{target.Path} is signed without a SHA-256.", "Add it again with mithi-release; a node keeps archives by their SHA-256.");
            if (await node.HasBlobAsync(sha256, ct))
            {
                there++;
                continue;
            }
            var path = folder.PathOf(target);
            await RequireAsSignedAsync(target, path, sha256, ct);
            await node.SendBlobAsync(sha256, path, (done, total) => progress.Report($"Sending {Path.GetFileName(path)}", done, total), ct);
            (sent, bytes) = (sent + 1, bytes + target.Length);
        }
        var snapshot = await node.PublishAsync(Request(proposal, channel), ct);
        return new(url.ToString(), snapshot, sent, there, bytes);
    }

    /// <summary>The body of <c>POST /api/releases/publish</c>.</summary>
    internal static byte[] Request(Proposal proposal, string channel)
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteStartObject("metadata");
            json.WriteStartArray("root");
            foreach (var root in proposal.Roots) json.WriteBase64StringValue(root);
            json.WriteEndArray();
            foreach (var (role, bytes) in proposal.Roles.OrderBy(role => role.Key, StringComparer.Ordinal)) json.WriteBase64String(role, bytes);
            json.WriteEndObject();
            json.WriteString("channel", channel);
            json.WriteEndObject();
        }
        return output.ToArray();
    }

    private static Proposal Signed(ReleaseFolder folder)
    {
        if (folder.Root() is null)
            throw new UserException("There is no root of trust in this release folder.", "Name the folder that mithi-release sign wrote, with --repo.");
        try
        {
            return folder.Proposal();
        }
        catch (TrustException e) when (e.Fault == TrustFault.ThresholdNotMet)
        {
            throw new UserException($"Not everything is signed: {e.Message}", "Sign it first: mithi-release sign.", e);
        }
    }

    // The node would refuse it too, but only after all of it was sent.
    private static async Task RequireAsSignedAsync(Target target, string path, string sha256, CancellationToken ct)
    {
        if (!File.Exists(path))
            throw new UserException($"{path} is not there, and the node does not have it.", "Put the archive back, or take it out of the release and sign again.");
        var found = await Task.Run(() => TreeScan.Sha256(path, ct), ct);
        if (new FileInfo(path).Length != target.Length || found != sha256)
            throw new UserException($"{path} is not what was signed.", "Put the signed archive back: its name never gets other bytes.");
    }
}
