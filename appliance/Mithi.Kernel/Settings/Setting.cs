namespace Mithi.Kernel.Settings;

/// <summary>What a setting holds and how its field looks.</summary>
public enum SettingKind
{
    Text,
    Number,
    Flag,
    /// <summary>Kept encrypted and never shown again.</summary>
    Secret,
    Choice,
}

/// <summary>One thing that an administrator can decide. A module registers its own with <c>services.AddSettings(...)</c>.</summary>
/// <remarks>Title, help and choices are English; the page translates them.</remarks>
public sealed record Setting
{
    /// <summary>Stable, with its module before a dot: <c>mail.host</c>.</summary>
    public required string Key { get; init; }

    /// <summary>The heading that it stands under; settings of one heading are registered together.</summary>
    public required string Group { get; init; }

    public required string Title { get; init; }

    /// <summary>What it does and what a good value is.</summary>
    public string Help { get; init; } = "";

    public SettingKind Kind { get; init; }

    public string Default { get; init; } = "";

    /// <summary>For <see cref="SettingKind.Choice"/>: value and English text.</summary>
    public IReadOnlyList<(string Value, string Text)> Choices { get; init; } = [];

    /// <summary>For <see cref="SettingKind.Number"/>.</summary>
    public long Min { get; init; }

    /// <summary>For <see cref="SettingKind.Number"/>.</summary>
    public long Max { get; init; } = int.MaxValue;

    /// <summary>Answers what is wrong with a value, as an English sentence, or null. Never asked about an empty text.</summary>
    public Func<string, string?>? Check { get; init; }

    /// <summary>May the text be empty? A secret and a flag always may.</summary>
    public bool Required { get; init; }

    /// <summary>What is wrong with a value that was typed, or null.</summary>
    public string? Mistake(string value)
    {
        if (value.Length > Limits.ValueCharsMax) return "This is too long.";
        if (value.Any(c => char.IsControl(c) && c is not '\n')) return "This contains a character that can't be used.";
        return Kind switch
        {
            SettingKind.Number when !long.TryParse(value, out var number) || number < Min || number > Max
                => Max == int.MaxValue ? "Give a whole number." : "Give a whole number within the bounds.",
            SettingKind.Choice when Choices.All(c => c.Value != value) => "Choose one of the list.",
            SettingKind.Flag when value is not ("" or "1") => "Choose one of the list.",
            SettingKind.Text when Required && value.Length == 0 => "Please fill this in.",
            _ => value.Length == 0 ? null : Check?.Invoke(value),
        };
    }
}
