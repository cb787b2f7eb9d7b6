using System.Text.Json;
using Mithi.Fleet.Lines;
using Mithi.Fleet.Sites;
using Mithi.Kernel.Data;
using Mithi.Kernel.Settings;
using Mithi.Kernel.Web;
using Mithi.Protocol.Stamp;

namespace Mithi.Fleet.Media;

/// <summary>What this node can hand out for a site.</summary>
/// <param name="ReleaseRoot">Whether releases were ever published here: a medium carries the root of their signatures.</param>
/// <param name="Iso">Whether the installation medium lies in the data folder.</param>
internal sealed record MediumState(bool ReleaseRoot, bool Iso);

/// <summary>Media for sites: the medium itself is the same for everybody, the stamp in it is the site's.</summary>
/// <remarks>
/// The medium is <c>media/medium.iso</c> in the data folder, with <c>media/medium.json</c> beside it, which says where the
/// reserved file is: both as <c>installer/boot-image/build</c> makes them. It is stamped while it streams, never on the disk.
/// </remarks>
internal sealed class MediumStore(DataFolder folder, SiteKeys keys, SettingStore settings, NodeAddress address)
{
    private string Iso => Path.Join(folder.Media, "medium.iso");
    private string Plan => Path.Join(folder.Media, "medium.json");
    // The oldest root is the one that clients begin with: they follow the chain of signatures from it to the newest.
    private string? ReleaseRoot => Directory.Exists(Path.Join(folder.Releases, "metadata"))
        ? Directory.EnumerateFiles(Path.Join(folder.Releases, "metadata"), "*.root.json")
            .Where(f => int.TryParse(Path.GetFileName(f).Split('.')[0], out _))
            .MinBy(f => int.Parse(Path.GetFileName(f).Split('.')[0])) : null;

    public MediumState State() => new(ReleaseRoot is not null, File.Exists(Iso) && File.Exists(Plan));

    public async Task<SiteStamp> StampAsync(Site site, CancellationToken ct)
    {
        var given = FleetSettings.Split(await settings.TextAsync(FleetSettings.Addresses, ct));
        var sheet = site.TheSheet;
        return new([.. (given.Length > 0 ? given : [address.Public]).Select(a => new Uri(a))], [keys.Signing.Public.Hash],
            [await keys.ServerAsync(ct)], site.Code, sheet.Language, sheet.Phone, sheet.Product);
    }

    /// <summary>The second initrd, for a network boot or for who stamps a medium himself.</summary>
    public async Task<byte[]> ImageAsync(Site site, CancellationToken ct)
        => StampImage.Write(await StampAsync(site, ct), await File.ReadAllBytesAsync(ReleaseRoot!, ct));

    /// <summary>How long the stamped medium is, in bytes.</summary>
    public long IsoBytes() => new FileInfo(Iso).Length;

    /// <summary>Writes the medium with the site's stamp in its reserved file.</summary>
    public async Task WriteIsoAsync(byte[] image, Stream to, CancellationToken ct)
    {
        var (offset, bytes) = await ReservedAsync(ct);
        await using var iso = new FileStream(Iso, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true);
        if (image.Length > bytes || offset + bytes > iso.Length)
            throw new InvalidDataException($"{Plan} does not fit to {Iso}: build the medium anew.");
        await CopyAsync(iso, to, offset, ct);
        await to.WriteAsync(image, ct);
        iso.Position = offset + image.Length;
        await iso.CopyToAsync(to, ct);
    }

    private async Task<(long Offset, long Bytes)> ReservedAsync(CancellationToken ct)
    {
        await using var file = File.OpenRead(Plan);
        using var plan = await JsonDocument.ParseAsync(file, cancellationToken: ct);
        var site = plan.RootElement.GetProperty("site");
        return (site.GetProperty("offset").GetInt64(), site.GetProperty("bytes").GetInt64());
    }

    private static async Task CopyAsync(Stream from, Stream to, long bytes, CancellationToken ct)
    {
        var buffer = new byte[1 << 16];
        while (bytes > 0)
        {
            var read = await from.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, bytes)), ct);
            if (read == 0) throw new EndOfStreamException("The medium is shorter than its description says.");
            await to.WriteAsync(buffer.AsMemory(0, read), ct);
            bytes -= read;
        }
    }
}
