using System.Globalization;
using System.Text.Json;
using Mithi.Trust.Keys;
using Mithi.Trust.Metadata;

namespace Mithi.Trust.Repository;

/// <summary>The public keys that a node signs snapshots and timestamps with, for a root to name.</summary>
/// <param name="Snapshot">The snapshot role's key.</param>
/// <param name="Timestamp">The timestamp role's key.</param>
public sealed record NodeTrust(PublicKey Snapshot, PublicKey Timestamp)
{
    /// <summary>What a node answers to <c>GET /api/releases/trust</c>: <c>{"snapshot": key, "timestamp": key}</c>.</summary>
    public byte[] ToBytes()
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output, Draft.Options))
        {
            json.WriteStartObject();
            json.WritePropertyName(RoleNames.Snapshot);
            json.WriteRawValue(Snapshot.Json);
            json.WritePropertyName(RoleNames.Timestamp);
            json.WriteRawValue(Timestamp.Json);
            json.WriteEndObject();
        }
        return output.ToArray();
    }

    /// <summary>Reads what a node answered.</summary>
    /// <exception cref="TrustException"><see cref="TrustFault.Malformed"/>.</exception>
    public static NodeTrust Parse(ReadOnlyMemory<byte> bytes, string file)
    {
        using var document = CanonicalJson.Parse(bytes, file);
        var top = new JsonFields(document.RootElement, file, "node");
        return new NodeTrust(PublicKey.Read(top.Object(RoleNames.Snapshot)), PublicKey.Read(top.Object(RoleNames.Timestamp)));
    }
}

/// <summary>A node's own signing keys. The newest of each role is the one that the next root should name.</summary>
/// <param name="Snapshot">Oldest first.</param>
/// <param name="Timestamp">Oldest first.</param>
public sealed record OnlineKeys(IReadOnlyList<SigningKey> Snapshot, IReadOnlyList<SigningKey> Timestamp)
{
    /// <summary>What the next root should name.</summary>
    public NodeTrust Trust => new(Snapshot[^1].Public, Timestamp[^1].Public);

    /// <summary>Reads <c>snapshot-N.json</c> and <c>timestamp-N.json</c> of a folder, and makes the first of each if there is none.</summary>
    /// <remarks>Not under a passphrase: the node signs by itself. The folder is the node's, with mode 0700.</remarks>
    /// <exception cref="TrustException"><see cref="TrustFault.KeyUnreadable"/>.</exception>
    public static OnlineKeys LoadOrCreate(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new OnlineKeys(Load(folder, RoleNames.Snapshot), Load(folder, RoleNames.Timestamp));
    }

    /// <summary>Makes a new key for a role beside the old ones, for when the old one may have leaked.</summary>
    /// <param name="folder">The folder of <see cref="LoadOrCreate"/>.</param>
    /// <param name="role"><c>snapshot</c> or <c>timestamp</c>.</param>
    /// <returns>The keys with the new one; the old one still signs until a root names the new one.</returns>
    public static OnlineKeys Rotate(string folder, string role)
    {
        var number = Numbers(folder, role).LastOrDefault() + 1;
        KeyFile.Save(PathOf(folder, role, number), SigningKey.Generate(), $"{role} key {number} of this node", passphrase: null);
        return LoadOrCreate(folder);
    }

    /// <summary>Those keys that <paramref name="role"/> names.</summary>
    /// <exception cref="TrustException"><see cref="TrustFault.KeyNotTrusted"/>: too few to reach the threshold.</exception>
    internal IReadOnlyCollection<SigningKey> For(Role role)
    {
        var trusted = role.Keys.Values.Select(k => k.Identity).ToHashSet();
        var own = (role.Name == RoleNames.Snapshot ? Snapshot : Timestamp).Where(k => trusted.Contains(k.Public.Identity)).ToArray();
        return own.Length >= role.Threshold
            ? own
            : throw new TrustException(TrustFault.KeyNotTrusted, "root.json", $"it does not name this node's {role.Name} key");
    }

    private static IReadOnlyList<SigningKey> Load(string folder, string role)
    {
        var numbers = Numbers(folder, role);
        if (numbers.Count == 0)
        {
            try
            {
                KeyFile.Save(PathOf(folder, role, 1), SigningKey.Generate(), $"{role} key 1 of this node", passphrase: null);
            }
            catch (IOException) when (File.Exists(PathOf(folder, role, 1)))
            {
                // Another request was first; its key is the node's key.
            }
            numbers = [1];
        }
        return [.. numbers.Select(n => KeyFile.Load(PathOf(folder, role, n), name
            => throw new TrustException(TrustFault.KeyUnreadable, name, "a node's key must not need a passphrase")))];
    }

    private static List<int> Numbers(string folder, string role)
        => [.. Directory.EnumerateFiles(folder, $"{role}-*.json")
            .Select(f => Path.GetFileNameWithoutExtension(f)[(role.Length + 1)..])
            .Where(n => int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Select(int.Parse).Order()];

    private static string PathOf(string folder, string role, int number) => Path.Join(folder, $"{role}-{number}.json");
}
