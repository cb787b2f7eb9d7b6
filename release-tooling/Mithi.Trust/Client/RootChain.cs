using Mithi.Trust.Metadata;

namespace Mithi.Trust.Client;

/// <summary>One step from a trusted root to the next: TUF 1.0.34, sections 5.3.4 to 5.3.7.</summary>
public static class RootChain
{
    /// <summary>Reads and verifies the root that follows <paramref name="trusted"/>.</summary>
    /// <exception cref="TrustException">It is not signed by both, or is not the next version.</exception>
    public static RootFile Next(RootFile trusted, ReadOnlyMemory<byte> bytes, string file)
    {
        var next = new RootFile(bytes, file);
        trusted.Roles[RoleNames.Root].Require(next);
        next.Roles[RoleNames.Root].Require(next);
        if (next.Version < trusted.Version)
            throw new TrustException(TrustFault.Rollback, file, $"it goes back from version {trusted.Version} to {next.Version}");
        if (next.Version != trusted.Version + 1)
            throw new TrustException(TrustFault.VersionMismatch, file, $"it is version {next.Version}, not {trusted.Version + 1}");
        return next;
    }

    /// <summary>Whether a key that could sign timestamps or snapshots no longer can.</summary>
    public static bool OnlineKeysRotated(RootFile before, RootFile after)
        => before.Roles[RoleNames.Timestamp].RotatedBy(after.Roles[RoleNames.Timestamp])
            || before.Roles[RoleNames.Snapshot].RotatedBy(after.Roles[RoleNames.Snapshot]);
}
