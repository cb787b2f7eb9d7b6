namespace Mithi.Testing;

/// <summary>A folder of a test's own, gone when the test is.</summary>
public sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mithi-test-").FullName;

    public string File(string name) => System.IO.Path.Join(Path, name);

    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
    }
}
