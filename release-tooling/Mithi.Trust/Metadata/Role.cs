using Mithi.Trust.Keys;

namespace Mithi.Trust.Metadata;

/// <summary>Whose signatures a metadata file needs, as its delegator says.</summary>
/// <param name="Name">Like <c>snapshot</c> or a product's name.</param>
/// <param name="Threshold">How many distinct keys must sign.</param>
/// <param name="Keys">The keys by the opaque ids that signatures name. An id without a key has no vote.</param>
public sealed record Role(string Name, int Threshold, IReadOnlyDictionary<string, PublicKey> Keys)
{
    /// <summary>Counts one vote for each distinct key with a valid signature, and demands the threshold.</summary>
    /// <exception cref="TrustException"><see cref="TrustFault.ThresholdNotMet"/>.</exception>
    public void Require(SignedFile file)
    {
        var votes = Votes(file);
        if (votes < Threshold)
            throw new TrustException(TrustFault.ThresholdNotMet, file.File,
                $"{votes} of the {Threshold} signatures that {Name} needs are there");
    }

    /// <summary>How many distinct keys of this role have signed <paramref name="file"/>.</summary>
    public int Votes(SignedFile file)
    {
        var voters = new HashSet<string>();
        foreach (var signature in file.Signatures)
            if (Keys.TryGetValue(signature.KeyId, out var key) && !voters.Contains(key.Identity)
                && key.Verify(file.SignedBytes, signature.Bytes))
                voters.Add(key.Identity);
        return voters.Count;
    }

    /// <summary>Whether some key of this role is no longer in <paramref name="next"/>.</summary>
    public bool RotatedBy(Role next)
    {
        var kept = next.Keys.Values.Select(k => k.Identity).ToHashSet();
        return Keys.Values.Any(k => !kept.Contains(k.Identity));
    }

    /// <summary>Reads <c>keyids</c> and <c>threshold</c>; keys come from <paramref name="keys"/> beside it.</summary>
    internal static Role Read(string name, JsonFields role, IReadOnlyDictionary<string, PublicKey> keys)
    {
        var threshold = role.Integer("threshold", min: 1);
        if (threshold > int.MaxValue) throw role.Wrong("threshold is too large");
        var own = new Dictionary<string, PublicKey>();
        var seen = new HashSet<string>();
        foreach (var id in role.Texts("keyids"))
        {
            if (!seen.Add(id)) throw role.Wrong($"the key id {id} is there twice");
            if (keys.TryGetValue(id, out var key)) own[id] = key;
        }
        return new Role(name, (int)threshold, own);
    }

    internal static Dictionary<string, PublicKey> ReadKeys(JsonFields keys)
    {
        var read = new Dictionary<string, PublicKey>();
        foreach (var member in keys.Members()) read[keys.Name(member)] = PublicKey.Read(keys.Member(member));
        return read;
    }
}
