using Mithi.Cli;
using Mithi.ReleaseTool.OsImages;
using Mithi.ReleaseTool.Tests.Products;
using Xunit;

[assembly: AssemblyFixture(typeof(BuiltProducts))]

namespace Mithi.ReleaseTool.Tests.Products;

/// <summary>The operating system image and the mail server's three versions, built once for all tests. Needs root and apt.</summary>
public sealed class BuiltProducts : IAsyncDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private readonly string _folder = Directory.CreateTempSubdirectory("mithi-products-").FullName;
    private OsImage? _image;

    /// <summary>The versions, oldest first.</summary>
    public static IReadOnlyList<string> Versions { get; } = ["1.0.0", "1.0.0-sp1", "1.0.0-sp1-p1"];

    internal static DirectoryInfo Recipe { get; } = new(Path.Join(Root(), "release-tooling", "products", "os-image"));

    internal static DirectoryInfo Cache { get; } = new(
        Environment.GetEnvironmentVariable("MITHI_CACHE") is { Length: > 0 } named ? named : Path.Join(Root(), "artifacts", "cache"));

    private static string MailServer { get; } = Path.Join(Root(), "release-tooling", "products", "mail-server");

    /// <summary>The image's archive; its first build takes a minute.</summary>
    internal async Task<OsImage> ImageAsync(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            return _image ??= await OsImageBuild.RunAsync(Recipe, Cache, _ => { }, ct);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The image's root file system, unpacked.</summary>
    public async Task<string> SystemAsync(CancellationToken ct)
    {
        var image = await ImageAsync(ct);
        return await OnceAsync("system", async folder =>
        {
            Directory.CreateDirectory(folder);
            await ShellAsync($"zstd -dc '{image.Path}' | tar -xO tree/rootfs.tar | tar -x --numeric-owner -C '{folder}'", ct);
        }, ct);
    }

    /// <summary>The folder with <c>tree/</c> and <c>release.json</c> of a version of the mail server.</summary>
    public async Task<string> MailServerAsync(string version, CancellationToken ct)
    {
        var image = await ImageAsync(ct);
        return await OnceAsync(version, folder => BuildMailServerAsync(image.Path, version, folder, ct), ct);
    }

    internal static async Task BuildMailServerAsync(string image, string version, string folder, CancellationToken ct)
        => (await Proc.RunAsync(Path.Join(MailServer, "build"), ["--image", image, "--cache", Cache.FullName, version, folder], ct: ct)).Require();

    internal static async Task<string> ShellAsync(string script, CancellationToken ct)
        => await Proc.OutputAsync("bash", ["-euo", "pipefail", "-c", script], ct: ct);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        _one.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string> OnceAsync(string name, Func<string, Task> make, CancellationToken ct)
    {
        var folder = Path.Join(_folder, name);
        await _one.WaitAsync(ct);
        try
        {
            if (!Directory.Exists(folder)) await make(folder);
            return folder;
        }
        finally
        {
            _one.Release();
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Join(folder.FullName, "Mithi.Appliance.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests do not run within the checkout.");
    }
}
