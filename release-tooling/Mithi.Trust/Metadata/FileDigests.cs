using System.Security.Cryptography;

namespace Mithi.Trust.Metadata;

/// <summary>The digests that metadata names for a file, in its order, by algorithm. Those we know are all checked.</summary>
public sealed class FileDigests
{
    private static readonly Dictionary<string, (HashAlgorithmName Name, int Bytes)> Known = new()
    {
        ["sha256"] = (HashAlgorithmName.SHA256, 32),
        ["sha384"] = (HashAlgorithmName.SHA384, 48),
        ["sha512"] = (HashAlgorithmName.SHA512, 64),
    };

    private FileDigests(IReadOnlyList<KeyValuePair<string, string>> all) => All = all;

    /// <summary>Algorithm and lower-case hexadecimal digest; only algorithms that we know.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> All { get; }

    /// <summary>The one that stands in a consistent file name.</summary>
    /// <exception cref="TrustException">There is none that we can compute.</exception>
    public string First => All.Count > 0 ? All[0].Value : throw Unchecked("file");

    /// <summary>The SHA-256, if it is named.</summary>
    public string? Sha256 => All.FirstOrDefault(d => d.Key == "sha256").Value;

    /// <summary>The digests of bytes that we have, for metadata of our own.</summary>
    public static FileDigests Of(ReadOnlySpan<byte> bytes)
        => new([new("sha256", Convert.ToHexStringLower(SHA256.HashData(bytes)))]);

    /// <summary>Digests that were computed elsewhere.</summary>
    public static FileDigests FromSha256(string hex) => new([new("sha256", hex)]);

    /// <summary>A running check over bytes as they come.</summary>
    internal Running Start() => new(this);

    /// <exception cref="TrustException"><see cref="TrustFault.DigestMismatch"/>.</exception>
    internal void Require(ReadOnlySpan<byte> bytes, string file)
    {
        using var running = Start();
        running.Append(bytes);
        running.Require(file);
    }

    // One target with digests for newer clients must not hide the others, so a list without any that we know is read;
    // a file that it stands for is refused.
    internal static FileDigests Read(JsonFields hashes)
    {
        var all = new List<KeyValuePair<string, string>>();
        foreach (var member in hashes.Members())
        {
            var name = hashes.Name(member);
            if (!Known.TryGetValue(name, out var known)) continue;
            var digest = hashes.Text(name);
            // The digest becomes part of a file name, so it must be nothing but digits.
            if (digest.Length != known.Bytes * 2 || !digest.All(char.IsAsciiHexDigit))
                throw hashes.Wrong($"{name} is not a digest");
            all.Add(new(name, digest));
        }
        return new FileDigests(all);
    }

    private static TrustException Unchecked(string file)
        => new(TrustFault.DigestMismatch, file, "its metadata has no digest that we can compute");

    internal sealed class Running(FileDigests digests) : IDisposable
    {
        private readonly IncrementalHash[] _hashes =
            [.. digests.All.Select(d => IncrementalHash.CreateHash(Known[d.Key].Name))];

        public void Append(ReadOnlySpan<byte> bytes)
        {
            foreach (var hash in _hashes) hash.AppendData(bytes);
        }

        public void Require(string file)
        {
            if (_hashes.Length == 0) throw Unchecked(file);
            for (var i = 0; i < _hashes.Length; i++)
                if (!Convert.ToHexString(_hashes[i].GetHashAndReset()).Equals(digests.All[i].Value, StringComparison.OrdinalIgnoreCase))
                    throw new TrustException(TrustFault.DigestMismatch, file, $"its {digests.All[i].Key} is not the promised one");
        }

        public void Dispose()
        {
            foreach (var hash in _hashes) hash.Dispose();
        }
    }
}
