using System.Security.Cryptography;
using Mithi.Cli;

namespace Mithi.Kernel.Data;

/// <summary>The node's own symmetric keys, one file each in <c>keys/</c>, made when first needed.</summary>
public sealed class NodeKeys(DataFolder folder)
{
    private const int KeyBytes = 32;
    private readonly Lock making = new();

    /// <summary>32 random bytes, the same for ever.</summary>
    /// <param name="name">Ours: <c>audit</c>, <c>settings</c>.</param>
    /// <exception cref="UserException">The file is there but is no key.</exception>
    public byte[] Get(string name)
    {
        lock (making)
        {
            var path = PathOf(name);
            if (!File.Exists(path)) Make(path);
            var key = File.ReadAllBytes(path);
            return key.Length == KeyBytes ? key : throw new UserException(
                $"{path} is not a key: it has {key.Length} bytes.", "Restore the keys folder from a backup. What it protects can't be read without it.");
        }
    }

    /// <summary>Whether it was made; for those who look and make nothing.</summary>
    public bool Exists(string name) => File.Exists(PathOf(name));

    /// <summary>For an administrator whose node has lost a key.</summary>
    public static string MissingFor(string name) => $"keys/{name}.key is not there, so nothing can be checked: bring it back from a backup.";

    private string PathOf(string name) => Path.Join(folder.Keys, $"{name}.key");

    private static void Make(string path)
        => DurableFile.Write(path, RandomNumberGenerator.GetBytes(KeyBytes), secret: true);
}
