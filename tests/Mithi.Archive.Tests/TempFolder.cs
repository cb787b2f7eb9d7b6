namespace Mithi.Archive.Tests;

/// <summary>A folder that is gone when the test ends.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mithi-archive-").FullName;

    public string this[string name] => System.IO.Path.Join(Path, name);

    public static implicit operator string(TempFolder folder) => folder.Path;

    public void Write(string name, string text, bool executable = false) => Write(name, System.Text.Encoding.UTF8.GetBytes(text), executable);

    public void Write(string name, byte[] content, bool executable = false)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.WriteAllBytes(this[name], content);
        if (executable) File.SetUnixFileMode(this[name], UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
