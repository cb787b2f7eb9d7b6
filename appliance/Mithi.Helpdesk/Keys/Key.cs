namespace Mithi.Helpdesk.Keys;

/// <summary>A key that does something on a page of tickets.</summary>
/// <param name="Press">As it is shown and as the script compares it.</param>
/// <param name="Does">English; the page translates it.</param>
public sealed record Key(string Press, string Does);

/// <summary>The whole triage path by the keyboard. The pages name the elements, Assets/keys.js presses them.</summary>
public static class DeskKeys
{
    public static readonly IReadOnlyList<Key> List =
    [
        new("j", "To the next ticket of the list"), new("k", "To the ticket before"), new("o", "Open the ticket"), new("x", "Choose the ticket for a change of several"),
    ];

    public static readonly IReadOnlyList<Key> Ticket =
    [
        new("r", "Write an answer"), new("n", "Write an internal note"), new("c", "Choose a canned answer"), new("m", "Choose a macro"),
        new("a", "Take the ticket"), new("s", "Choose a state"), new("p", "Choose a priority"), new("h", "Hand it over to another level"),
        new("]", "To the next ticket of the list"), new("[", "To the ticket before"), new("u", "Back to the list"),
    ];

    public static readonly IReadOnlyList<Key> Both = [new("/", "Search"), new("?", "Show these keys"), new("Esc", "Out of a field, so that keys work again")];
}

/// <param name="Enabled">Whether this person uses them.</param>
public sealed record KeysModel(bool Enabled);
