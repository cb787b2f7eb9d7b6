using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Mithi.Kernel.Web;

/// <summary>All words that a reader sees. The English sentence is the key; a catalogue a language translates it.</summary>
/// <remarks>A module's catalogues are embedded as <c>Texts/hi.json</c>: {"English": "translation"}.</remarks>
public sealed class Texts
{
    /// <summary>The languages there are, as tags and as they call themselves.</summary>
    public static readonly FrozenDictionary<string, string> Languages =
        new Dictionary<string, string> { ["en"] = "English", ["hi"] = "हिन्दी" }.ToFrozenDictionary();

    private readonly FrozenDictionary<string, FrozenDictionary<string, string>> catalogues;

    public Texts(IReadOnlyList<Assembly> modules)
        => catalogues = Languages.Keys.Where(l => l != "en").ToFrozenDictionary(l => l, l => Read(modules, l));

    /// <summary>The sentence in <paramref name="language"/>, or in English where it has not been translated.</summary>
    public string Of(string language, string english)
        => catalogues.TryGetValue(language, out var catalogue) && catalogue.TryGetValue(english, out var text) ? text : english;

    /// <summary>The words of one reader.</summary>
    public ReaderTexts For(string language) => new(this, language);

    private static FrozenDictionary<string, string> Read(IReadOnlyList<Assembly> modules, string language)
    {
        var all = new Dictionary<string, string>();
        foreach (var module in modules)
        {
            using var stream = module.GetManifestResourceStream($"{module.GetName().Name}.Texts.{language}.json");
            if (stream is null) continue;
            using var catalogue = JsonDocument.Parse(stream);
            foreach (var entry in catalogue.RootElement.EnumerateObject()) all[entry.Name] = entry.Value.GetString()!;
        }
        return all.ToFrozenDictionary();
    }
}

/// <summary><c>T["Sign in"]</c>, <c>T["Good day, {0}", name]</c>: the words of one reader.</summary>
public sealed class ReaderTexts(Texts texts, string language)
{
    public string this[string english] => texts.Of(language, english);

    public string this[string english, params object?[] values]
        => string.Format(CultureInfo.InvariantCulture, texts.Of(language, english), values);
}
