namespace Mithi.Site.Tests;

/// <summary>A folder of a test's own, gone with it.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mithi-site-").FullName;

    public string At(params string[] parts) => System.IO.Path.Join([Path, .. parts]);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
