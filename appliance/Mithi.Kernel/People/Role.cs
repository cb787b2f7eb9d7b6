namespace Mithi.Kernel.People;

/// <summary>What a person is to this node. Stored by name.</summary>
public enum Role
{
    /// <summary>Nobody signed in.</summary>
    Public,
    CustomerUser,
    CustomerAdministrator,
    Partner,
    SupportL1,
    SupportL2,
    SupportL3,
    Development,
    ReleaseEngineer,
    Administrator,
}

/// <summary>The six kinds of people that a page is written for.</summary>
public enum Audience
{
    Public,
    CustomerUser,
    CustomerAdministrator,
    Partner,
    Employee,
    Administrator,
}

public static class RoleAudience
{
    public static Audience Audience(this Role role) => role switch
    {
        Role.Public => People.Audience.Public,
        Role.CustomerUser => People.Audience.CustomerUser,
        Role.CustomerAdministrator => People.Audience.CustomerAdministrator,
        Role.Partner => People.Audience.Partner,
        Role.Administrator => People.Audience.Administrator,
        _ => People.Audience.Employee,
    };

    /// <summary>Employees and administrators: those who see internal notes.</summary>
    public static bool IsStaff(this Role role) => role.Audience() >= People.Audience.Employee;
}
