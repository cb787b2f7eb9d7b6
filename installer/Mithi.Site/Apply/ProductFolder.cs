using Mithi.Archive;
using Mithi.Cli;

namespace Mithi.Site.Apply;

/// <summary>Where a product stands on a server.</summary>
/*
    ROOT/PRODUCT/
        current -> versions/VERSION     the one switch
        versions/VERSION/               whole trees; what did not change is shared by hard links
        manifests/VERSION.json          what each of them has to be
        config/                         files that an administrator may edit, the same for all versions
        staging/                        a tree that is not complete; gone when nothing is at work
        journal  lock
*/
internal sealed class ProductFolder
{
    private ProductFolder(string root, string product) => (Root, Product) = (root, product);

    public string Root { get; }

    public string Product { get; }

    public string Folder => Path.Join(Root, Product);

    public string Current => Path.Join(Folder, "current");

    public string Versions => Path.Join(Folder, "versions");

    public string Config => Path.Join(Folder, "config");

    public string Staging => Path.Join(Folder, "staging");

    public string JournalFile => Path.Join(Folder, "journal");

    public static ProductFolder At(string root, string product)
        => ArchiveName.IsProduct(product)
            ? new(Path.GetFullPath(root), product)
            : throw new UserException($"\"{product}\" can't be a product's id.", "It is small letters, digits and inner dashes.");

    /// <summary>The products that have a folder under <paramref name="root"/>.</summary>
    public static IReadOnlyList<ProductFolder> All(string root)
        => !Directory.Exists(root)
            ? []
            : [.. Directory.GetDirectories(root).Select(Path.GetFileName).OfType<string>().Where(ArchiveName.IsProduct)
                .Where(name => Directory.Exists(Path.Join(root, name, "versions"))).Order(StringComparer.Ordinal).Select(name => At(root, name))];

    public string TreeOf(ReleaseVersion version) => Path.Join(Versions, version.ToString());

    public string ManifestFileOf(ReleaseVersion version) => Path.Join(Folder, "manifests", $"{version}.json");

    /// <summary>The version that <c>current</c> points to; null before the first.</summary>
    public ReleaseVersion? CurrentVersion()
        => new FileInfo(Current).LinkTarget is { } target ? ReleaseVersion.TryParse(Path.GetFileName(target)) : null;

    /// <summary>Complete versions, oldest first.</summary>
    public IReadOnlyList<ReleaseVersion> Installed()
        => !Directory.Exists(Versions)
            ? []
            : [.. Directory.GetDirectories(Versions).Select(folder => ReleaseVersion.TryParse(Path.GetFileName(folder))).OfType<ReleaseVersion>()
                .Where(version => File.Exists(ManifestFileOf(version))).Order()];

    public Manifest ManifestOf(ReleaseVersion version)
    {
        var path = ManifestFileOf(version);
        if (!File.Exists(path)) throw new UserException($"{Product} {version} is not installed here.", "mithi-site status says what is.");
        return ManifestJson.Read(File.ReadAllBytes(path));
    }

    /// <summary>Points <c>current</c> to a version, or to none, in one step that is on the disk when this returns.</summary>
    public void Switch(ReleaseVersion? version)
    {
        if (version is null)
        {
            File.Delete(Current);
        }
        else
        {
            var next = Current + ".next";
            File.Delete(next);
            File.CreateSymbolicLink(next, $"versions/{version}");
            Posix.Rename(next, Current);
        }
        Posix.SyncFolder(Folder);
    }

    /// <summary>Keeps a second update away as long as it is held.</summary>
    public FileStream Lock()
    {
        Directory.CreateDirectory(Folder);
        try
        {
            return new FileStream(Path.Join(Folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(Path.Join(Folder, "lock")))
        {
            throw new UserException($"Another update of {Product} is at work.", "Wait until it is done: mithi-site status says when.", e);
        }
    }
}
