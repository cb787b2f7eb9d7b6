using System.Security.Cryptography;
using System.Text;
using Mithi.Trust.Keys;

namespace Mithi.Trust.Metadata;

/// <summary>A role that another trusts for some paths. TUF 1.0.34, section 4.5.</summary>
/// <param name="Role">Its name, keys and threshold.</param>
/// <param name="Terminating">The search ends with this role for paths that it is trusted for.</param>
/// <param name="Paths">Patterns; empty where prefixes are used.</param>
/// <param name="PathHashPrefixes">Beginnings of the SHA-256 of a path (hash bins); empty where patterns are used.</param>
public sealed record Delegation(
    Role Role, bool Terminating, IReadOnlyList<string> Paths, IReadOnlyList<string> PathHashPrefixes)
{
    /// <summary>Whether this role is trusted for a path.</summary>
    public bool Covers(string path)
    {
        if (PathHashPrefixes.Count == 0) return Paths.Any(pattern => PathPattern.Matches(pattern, path));
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)));
        return PathHashPrefixes.Any(prefix => digest.StartsWith(prefix, StringComparison.Ordinal));
    }

    internal static Delegation Read(JsonFields role, IReadOnlyDictionary<string, PublicKey> keys)
    {
        var name = role.Text("name");
        // A delegated role with such a name would be kept in a top-level role's file.
        if (name.Length == 0 || RoleNames.TopLevel.Contains(name)) throw role.Wrong($"a role must not be called '{name}'");
        var (paths, prefixes) = (role.Has("paths"), role.Has("path_hash_prefixes"));
        if (paths == prefixes) throw role.Wrong("needs either paths or path_hash_prefixes");
        return new Delegation(
            Role.Read(name, role, keys),
            role.Flag("terminating"),
            paths ? role.Texts("paths") : [],
            prefixes ? role.Texts("path_hash_prefixes") : []);
    }
}
