namespace Mithi.Kernel.People;

/// <summary>Who may make whom what.</summary>
public static class RoleRank
{
    /// <summary>The roles that people of this kind of organisation can have.</summary>
    public static IReadOnlyList<Role> Of(OrganisationKind kind) => kind switch
    {
        OrganisationKind.Vendor =>
            [Role.SupportL1, Role.SupportL2, Role.SupportL3, Role.Development, Role.ReleaseEngineer, Role.Administrator],
        OrganisationKind.Partner => [Role.Partner],
        _ => [Role.CustomerUser, Role.CustomerAdministrator],
    };

    /// <summary>Whether <paramref name="me"/> may give or take <paramref name="role"/>: never one above his own.</summary>
    public static bool MayGive(CurrentPerson me, Role role) => me.Role switch
    {
        Role.Administrator => role != Role.Public,
        Role.Partner => role is Role.CustomerUser or Role.CustomerAdministrator or Role.Partner,
        Role.CustomerAdministrator => role is Role.CustomerUser or Role.CustomerAdministrator,
        _ => false,
    };

    /// <summary>The roles that <paramref name="me"/> may give to people of this kind of organisation.</summary>
    public static IReadOnlyList<Role> Choices(CurrentPerson me, OrganisationKind kind) => [.. Of(kind).Where(r => MayGive(me, r))];
}
