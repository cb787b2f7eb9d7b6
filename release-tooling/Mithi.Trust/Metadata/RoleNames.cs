namespace Mithi.Trust.Metadata;

/// <summary>The four roles that a root names; every other role is delegated.</summary>
public static class RoleNames
{
    public const string Root = "root";
    public const string Timestamp = "timestamp";
    public const string Snapshot = "snapshot";
    public const string Targets = "targets";

    public static readonly IReadOnlyList<string> TopLevel = [Root, Timestamp, Snapshot, Targets];

    /// <summary>The name that a role has in a snapshot.</summary>
    public static string FileOf(string role) => role + ".json";

    /// <summary>The file that a role is kept in. A role may be called anything; a file may not.</summary>
    /// <exception cref="TrustException"><see cref="TrustFault.PathUnsafe"/>.</exception>
    public static string LocalFileOf(string role)
    {
        var name = FileOf(PathEncoding.Segment(role));
        return name.Length <= Limits.FileNameBytesMax
            ? name
            : throw new TrustException(TrustFault.PathUnsafe, "metadata", $"a role's name of {role.Length} characters is too long");
    }
}
