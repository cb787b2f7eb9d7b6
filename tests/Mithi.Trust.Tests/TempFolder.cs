namespace Mithi.Trust.Tests;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TempFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mithi-trust-");

    public string Path => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);

    public static PathBelow operator /(TempFolder folder, string name) => new(folder.Path + "/" + name);
}

/// <summary>So that a path reads as one.</summary>
internal readonly record struct PathBelow(string Value)
{
    public static PathBelow operator /(PathBelow folder, string name) => new(folder.Value + "/" + name);

    public static implicit operator string(PathBelow path) => path.Value;

    public override string ToString() => Value;
}
