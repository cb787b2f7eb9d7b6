namespace Mithi.Kernel.People;

/// <summary>A permission's reach as values for SQL. Pass it as (part of) a statement's values beside <see cref="Sql"/>.</summary>
/// <param name="All">1 when every organisation's things are seen.</param>
/// <param name="Home">The person's organisation, or 0.</param>
/// <param name="Partner">1 when its customers' things are seen too.</param>
/// <param name="Me">Not 0: of the organisation's things, just those that this person made.</param>
public sealed record Reach(long All, long Home, long Partner, long Me)
{
    public static Reach Of(CurrentPerson me, Permission permission) => me.ScopeOf(permission) switch
    {
        Scope.All => new(1, 0, 0, 0),
        Scope.Customers => new(0, me.Organisation?.Value ?? 0, 1, 0),
        Scope.Organisation => new(0, me.Organisation?.Value ?? 0, 0, 0),
        // A person's own things; a token of an organisation has made none.
        Scope.Own => new(0, me.Organisation?.Value ?? 0, 0, me.Id?.Value ?? -1),
        _ => new(0, 0, 0, -1),
    };

    /// <summary>
    /// A condition over a table with an organisation's column and a maker's column (or "0" where none): give it
    /// <c>@All, @Home, @Partner, @Me</c> from this record.
    /// </summary>
    public static string Sql(string organisation, string maker) => $"""
        (@All = 1 or ((@Me = 0 or {maker} = @Me)
            and ({organisation} = @Home
                or (@Partner = 1 and {organisation} in (select id from organisation where partner_id = @Home)))))
        """;

    /// <summary>The same as <see cref="Sql"/> for this reach alone, in words that an index can serve: for lists of things without end.</summary>
    public string NarrowSql(string organisation, string maker) => All == 1 ? "@All = 1" : string.Join(" and ", (string[])
    [
        Partner == 0 ? $"{organisation} = @Home" : $"{organisation} in (select id from organisation where id = @Home or partner_id = @Home)",
        .. Me == 0 ? Array.Empty<string>() : [$"{maker} = @Me"],
    ]);

    /// <summary>Whether the thing of this organisation, made by that person, is within reach.</summary>
    /// <param name="partnerOfIt">The partner that serves the organisation, if one does.</param>
    public bool Covers(OrganisationId organisation, OrganisationId? partnerOfIt, PersonId? maker)
        => All == 1 || ((Me == 0 || maker?.Value == Me)
            && (organisation.Value == Home || (Partner == 1 && partnerOfIt?.Value == Home)));
}
