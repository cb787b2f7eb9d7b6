using Mithi.Archive;
using Mithi.Cli;

namespace Mithi.ReleaseTool.Commands;

/// <summary>Archives that the user names.</summary>
internal static class Files
{
    public static FileStream Open(string path)
        => File.Exists(path) ? File.OpenRead(path) : throw new UserException($"{path} is not there.", "Name an archive, *.tar.zst.");

    public static Manifest ManifestOf(string path)
    {
        using var file = Open(path);
        using var reader = ArchiveReader.Open(file);
        return reader.Manifest;
    }
}
