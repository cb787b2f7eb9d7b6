using System.Globalization;
using System.Text.Json;

namespace Mithi.Trust.Metadata;

/// <summary>Reads the fields of a metadata file; each miss names the file and the field. Unknown fields are no concern of ours.</summary>
internal readonly struct JsonFields
{
    private readonly JsonElement _value;
    private readonly string _file;
    private readonly string _at;

    public JsonFields(JsonElement value, string file, string at)
    {
        (_value, _file, _at) = (value, file, at);
        if (value.ValueKind != JsonValueKind.Object) throw Wrong("must be an object");
    }

    public string At => _at;

    public string File => _file;

    public JsonElement Value => _value;

    public bool Has(string name) => _value.TryGetProperty(name, out _);

    public JsonFields Object(string name) => new(Get(name, JsonValueKind.Object), _file, Below(name));

    public JsonFields? OptionalObject(string name)
        => Has(name) ? Object(name) : null;

    public IEnumerable<JsonProperty> Members() => _value.EnumerateObject();

    public JsonFields Member(JsonProperty member) => new(member.Value, _file, Below(Name(member)));

    /// <summary>The name of a member; one that is not Unicode text is a fault of the file.</summary>
    public string Name(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            throw Wrong("has a key that is not Unicode text");
        }
    }

    public IEnumerable<JsonFields> Objects(string name)
    {
        var (file, at) = (_file, Below(name));
        return Get(name, JsonValueKind.Array).EnumerateArray().Select(item => new JsonFields(item, file, at + "[]"));
    }

    public string Text(string name)
    {
        try
        {
            return Get(name, JsonValueKind.String).GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Wrong($"{name} is not Unicode text");
        }
    }

    public IReadOnlyList<string> Texts(string name)
    {
        var items = new List<string>();
        foreach (var item in Get(name, JsonValueKind.Array).EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String) throw Wrong($"{name} must be a list of texts");
            try
            {
                items.Add(item.GetString()!);
            }
            catch (InvalidOperationException)
            {
                throw Wrong($"{name} is not Unicode text");
            }
        }
        return items;
    }

    public bool Flag(string name)
        => _value.TryGetProperty(name, out var flag)
            ? flag.ValueKind is JsonValueKind.True or JsonValueKind.False ? flag.GetBoolean() : throw Wrong($"{name} must be true or false")
            : throw Wrong($"{name} is missing");

    public long Integer(string name, long min)
    {
        var number = Get(name, JsonValueKind.Number);
        if (!number.TryGetInt64(out var value)) throw Wrong($"{name} is not an integer that we can hold");
        return value >= min ? value : throw Wrong($"{name} must be at least {min}");
    }

    // Section 4.2.1: the date is always in this one form, always UTC.
    public DateTimeOffset Time(string name)
        => DateTimeOffset.TryParseExact(Text(name), "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw Wrong($"{name} is not a date like 2030-01-31T12:00:00Z");

    public TrustException Wrong(string what) => new(TrustFault.Malformed, _file, $"{_at}: {what}");

    private JsonElement Get(string name, JsonValueKind kind)
    {
        if (!_value.TryGetProperty(name, out var found)) throw Wrong($"{name} is missing");
        return found.ValueKind == kind ? found : throw Wrong($"{name} must be {kind.ToString().ToLowerInvariant()}");
    }

    private string Below(string name) => $"{_at}.{name}";
}
