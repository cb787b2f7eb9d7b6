using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Mithi.Browser.Tests.Looks;

/// <summary>Whose page it is.</summary>
internal enum Reader { Nobody, User, CustomerAdministrator, Partner, L1, L2, ReleaseEngineer, Administrator }

/// <summary>A page to be looked at. It names its route by the route's own pattern, so that a route without a look is found.</summary>
/// <param name="Name">Of its picture.</param>
/// <param name="Route">Like <c>/tickets/{id}</c>.</param>
/// <param name="Values">For the route's parameters, in order.</param>
internal sealed partial record Look(string Name, Reader Reader, string Route, params string[] Values)
{
    public string Query { get; init; } = "";

    /// <summary>What it answers.</summary>
    public int Status { get; init; } = 200;

    /// <summary>What its reader then does on it; the page that this leads to is the one that is looked at.</summary>
    public Func<IPage, Task>? Then { get; init; }

    public string Path
    {
        get
        {
            var next = 0;
            return Parameter().Replace(Route, _ => Values[next++]) + Query;
        }
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
