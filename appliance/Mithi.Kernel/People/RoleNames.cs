namespace Mithi.Kernel.People;

/// <summary>Roles, kinds and permissions in words. English keys: pages translate them.</summary>
public static class RoleNames
{
    public static string Of(Role role) => role switch
    {
        Role.CustomerUser => "User",
        Role.CustomerAdministrator => "Customer's administrator",
        Role.Partner => "Partner",
        Role.SupportL1 => "Support, first level",
        Role.SupportL2 => "Support, second level",
        Role.SupportL3 => "Support, third level",
        Role.Development => "Product development",
        Role.ReleaseEngineer => "Release engineer",
        Role.Administrator => "Administrator of the node",
        _ => "Nobody",
    };

    public static string Of(OrganisationKind kind) => kind switch
    {
        OrganisationKind.Vendor => "This node's organisation",
        OrganisationKind.Partner => "Partner",
        _ => "Customer",
    };

    public static string Of(Permission permission) => permission switch
    {
        Permission.TicketRead => "Read tickets",
        Permission.TicketOpen => "Open tickets",
        Permission.TicketReply => "Answer tickets",
        Permission.TicketNote => "Read and write internal notes",
        Permission.TicketWork => "Work on tickets",
        Permission.HelpdeskManage => "Manage the helpdesk",
        Permission.ReportRead => "Read reports",
        Permission.WebhookManage => "Manage webhooks",
        Permission.ManualRead => "Read manuals",
        Permission.ServiceManualRead => "Read the service manual",
        Permission.WikiEdit => "Edit manuals",
        Permission.ReleaseRead => "See releases",
        Permission.ReleaseDownload => "Download releases",
        Permission.ReleasePublish => "Publish releases",
        Permission.CustomerRead => "See customers",
        Permission.CustomerManage => "Manage customers",
        Permission.SiteRead => "See customers' servers",
        Permission.SitePlan => "Plan customers' servers",
        Permission.SiteCommand => "Command customers' servers",
        Permission.PersonRead => "See people",
        Permission.PersonManage => "Manage people",
        Permission.SearchUse => "Search",
        Permission.SettingsManage => "Change settings",
        Permission.AuditRead => "Read the audit log",
        Permission.NodeManage => "Manage the node",
        _ => permission.ToString(),
    };
}
