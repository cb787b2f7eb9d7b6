using Mithi.Archive;
using Mithi.Cli;
using Mithi.Site.Apply;

namespace Mithi.Site.Tests.Apply;

/// <summary>A server with a small product that is really installed, restarted and asked for its health, by scripts that write down what they did.</summary>
internal sealed class Server : IDisposable
{
    private readonly string _folder;

    public Server(string? folder = null)
    {
        _folder = folder ?? Directory.CreateTempSubdirectory("mithi-apply-").FullName;
        Product = ProductFolder.At(this["opt"], "sample");
        Script("systemctl", $"echo \"$@\" >> {this["units.log"]}");
    }

    public ProductFolder Product { get; }

    public List<string> Said { get; } = [];

    public string this[string name] => Path.Join(_folder, name);

    public string Current => Product.CurrentVersion()?.ToString() ?? "none";

    /// <summary>What the install script wrote: version and previous version of every call.</summary>
    public string[] Installs => File.Exists(this["installs.log"]) ? File.ReadAllLines(this["installs.log"]) : [];

    public ApplyHost Host => new() { SystemRoot = "/system", Systemctl = this["systemctl"], Say = Say };

    public ApplyEngine Engine(IFaultPoint? faults = null) => new(Product, Host, faults);

    public Task<ApplyResult> ApplyAsync(params string[] archives) => Engine().ApplyAsync(archives, null, Xunit.TestContext.Current.CancellationToken);

    /// <summary>Differences between the tree that runs and its manifest.</summary>
    public IReadOnlyList<TreeDifference> Verify()
        => Product.CurrentVersion() is { } version ? TreeCheck.Compare(Product.TreeOf(version), Product.ManifestOf(version)) : [];

    public void Script(string name, string body)
    {
        File.WriteAllText(this[name], $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(this[name], (UnixFileMode)0x1ed);
    }

    /// <summary>Packs a version; with a base, as a patch on it.</summary>
    /// <param name="version">Like 1.0.0-p1.</param>
    /// <param name="on">The archive of the base; null for a build.</param>
    /// <param name="change">Changes the tree before it is packed.</param>
    /// <param name="manifest">Changes the manifest.</param>
    public string Pack(string version, string? on = null, Action<string>? change = null, Func<Manifest, Manifest>? manifest = null)
    {
        var tree = this[$"tree-{version}"];
        Write(tree, "bin/serve", $"version {version}\n");
        Write(tree, "share/common", new string('c', 50_000));
        Write(tree, "etc/serve.conf", "port = 25\n");
        Write(tree, "mithi/product.json", """{ "units": ["sample.service"], "install": "mithi/install", "health": "mithi/health", "healthSeconds": 3 }""");
        Write(tree, "mithi/install", $"#!/bin/sh\n[ \"$MITHI_ROOT\" = /system ] && [ \"$MITHI_PRODUCT\" = sample ] || exit 9\necho \"$MITHI_VERSION after $MITHI_PREVIOUS\" >> {this["installs.log"]}\n", executable: true);
        Write(tree, "mithi/health", "#!/bin/sh\nexit 0\n", executable: true);
        change?.Invoke(tree);
        var build = new Manifest
        {
            Product = "sample",
            Version = ReleaseVersion.Parse(version),
            Platform = "linux-x64",
            Kind = ArchiveKind.Build,
            Stamp = 1_764_000_000,
            Entries = TreeScan.Read(tree, path => path.StartsWith("etc/", StringComparison.Ordinal)),
        };
        build = manifest?.Invoke(build) ?? build;
        if (on is not null)
            build = PatchPlan.Between(ArchiveReader.ManifestOf(on), build, build.Version.Patch > 0 ? ArchiveKind.Patch : ArchiveKind.ServicePack);
        var packed = ArchiveWriter.WriteFile(build, tree, this["archives"]);
        Directory.Delete(tree, recursive: true);
        return packed.Path;
    }

    /// <summary>A version whose health check says no.</summary>
    public string PackSick(string version, string on)
        => Pack(version, on, tree =>
        {
            Write(tree, "mithi/product.json", """{ "units": ["sample.service"], "install": "mithi/install", "health": "mithi/health", "healthSeconds": 1 }""");
            Write(tree, "mithi/health", "#!/bin/sh\necho smtp does not answer\nexit 1\n", executable: true);
        });

    public static void Write(string tree, string path, string text, bool executable = false)
    {
        var file = Path.Join(tree, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        File.SetUnixFileMode(file, (UnixFileMode)(executable ? 0x1ed : 0x1a4));
    }

    /// <summary>This server as it would be after a power cut now: every file, link and mode.</summary>
    public async Task CopyToAsync(string folder)
        => await Proc.OutputAsync("cp", ["-a", $"{_folder}/opt", folder], new() { DebianPackage = "coreutils" });

    public void Dispose()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    private void Say(string line)
    {
        lock (Said) Said.Add(line);
    }
}
