using Mithi.Cli;
using Mithi.Kernel.People;

namespace Mithi.Helpdesk.Import;

/// <summary>Whose promises are counted: of tickets that come over.</summary>
public enum ImportedClocks
{
    /// <summary>Of those that are still open.</summary>
    Open,
    All,
    None,
}

/// <summary>How a helpdesk is brought over.</summary>
/// <param name="Source">Names the other helpdesk: with a key it tells what has come over already.</param>
/// <param name="Ours">Addresses, or @domains, whose mails are answers of ours.</param>
/// <param name="DryRun">Looks at everything and writes nothing.</param>
public sealed record ImportOptions(string Source, IReadOnlyList<string> Ours, ImportedClocks Clocks, bool DryRun)
{
    /// <exception cref="UserException">A value can't be.</exception>
    public void Verify()
    {
        if (Source.Length is 0 or > ImportLimits.SourceCharsMax || Source.Any(char.IsControl))
            throw new UserException("The source's name can't be used.", "Give one of at most 60 characters, like zammad.");
        if (Ours.FirstOrDefault(o => !Email.IsAddress(o.StartsWith('@') ? "x" + o : o)) is { } wrong)
            throw new UserException($"'{wrong}' is neither an address nor a domain.", "Write support@example.org, or @example.org for all of a domain.");
    }

    internal bool IsOurs(string email) => Ours.Any(o => o.StartsWith('@')
        ? email.EndsWith(o, StringComparison.OrdinalIgnoreCase) : email.Equals(o, StringComparison.OrdinalIgnoreCase));
}
