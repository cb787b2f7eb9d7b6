using System.Net.Http.Headers;
using Mithi.Protocol;
using Mithi.Protocol.Messages;
using Mithi.Protocol.Stamp;
using Mithi.Site.Ask;
using Mithi.Trust;
using Mithi.Trust.Client;
using Mithi.Trust.Metadata;

namespace Mithi.Site.Downloads;

/// <summary>Fetches releases from the node: who vouches for them is decided by the root on the medium, never by the node.</summary>
/// <param name="stamp">The pins for TLS.</param>
/// <param name="root">The first root of the releases, from the medium.</param>
/// <param name="folder">Where trusted metadata is kept; a newer root found once stays.</param>
/// <param name="downloads">Addresses and token, asked for anew on each attempt because a token ends.</param>
/// <param name="time">The clock.</param>
internal sealed class ReleaseSource(
    SiteStamp stamp, ReadOnlyMemory<byte> root, string folder, Func<CancellationToken, Task<DownloadsMessage>> downloads, TimeProvider time)
{
    /// <summary>Fetches one archive, resuming what is there, and verifies all of it.</summary>
    /// <param name="path">Its target path, like <c>mithi-os/1.0.0/mithi-os-1.0.0.linux-x64.os-image.tar.zst</c>.</param>
    /// <param name="into">The folder that it goes to.</param>
    /// <param name="progress">Told bytes done and bytes altogether.</param>
    /// <param name="ct">Ends it; what has come is kept.</param>
    /// <returns>The verified file.</returns>
    /// <exception cref="FaultException">It can't be had, or it is not what was signed.</exception>
    public async Task<string> FetchAsync(string path, string into, Action<long, long> progress, CancellationToken ct)
    {
        var offer = await downloads(ct);
        Exception? last = null;
        foreach (var address in offer.Addresses)
        {
            try
            {
                using var http = Client(offer.Token);
                return await FetchFromAsync(http, new Uri(address), path, into, progress, ct);
            }
            catch (Exception e) when (e is HttpRequestException or IOException
                || e is TrustException { Fault: TrustFault.Unreachable or TrustFault.Missing }
                || e is OperationCanceledException && !ct.IsCancellationRequested)
            {
                last = e;   // The next address may be better.
            }
            catch (TrustException e)
            {
                throw new FaultException(e.Fault switch
                {
                    TrustFault.TargetUnknown => Faults.NoSource,
                    TrustFault.DigestMismatch or TrustFault.LengthMismatch when e.File == path => Faults.ImageHash,
                    _ => Faults.ImageTrust,
                }, e.Message, e);
            }
        }
        throw new FaultException(Faults.NoSource, $"{path}: {last?.Message ?? "the node named no address"}", last);
    }

    private async Task<string> FetchFromAsync(
        HttpClient http, Uri node, string path, string into, Action<long, long> progress, CancellationToken ct)
    {
        var trusted = new MetadataFolder(folder);
        if (!File.Exists(Path.Join(folder, "root.json"))) trusted.Init(root);
        var client = new TufClient(trusted, new HttpFetcher(http, new Uri(node, "/releases/metadata/"), time), time);
        await client.RefreshAsync(ct);
        var target = await client.FindAsync(path, ct);
        if (target.Length > Limits.TargetBytesMax)
            throw new TrustException(TrustFault.LimitExceeded, path, $"it has {target.Length} bytes");
        CheckSpace(target, into);
        var download = new PieceDownload(http, new Uri(node, $"/releases/targets/{client.UrlPathOf(target)}"), target, time);
        return await download.RunAsync(Path.Join(into, Path.GetFileName(path)), progress, ct);
    }

    private static void CheckSpace(Target target, string into)
    {
        Directory.CreateDirectory(into);
        var part = new FileInfo(Path.Join(into, Path.GetFileName(target.Path) + PieceDownload.PartSuffix));
        var missing = target.Length - (part.Exists ? part.Length : 0);
        var free = new DriveInfo(into).AvailableFreeSpace;
        if (missing > free) throw new FaultException(Faults.NoSpace, $"{target.Path} needs {missing} bytes, {free} are free");
    }

    private HttpClient Client(string token)
    {
        var http = new HttpClient(SiteClient.CreateHandler(stamp.ServerPins), disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }
}
