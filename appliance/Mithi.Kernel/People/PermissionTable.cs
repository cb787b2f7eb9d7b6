using static Mithi.Kernel.People.Scope;

namespace Mithi.Kernel.People;

/// <summary>The one table that decides every route, list, search hit, download and API call.</summary>
public static class PermissionTable
{
    // A type of this name is nearer than the imported one.
    private const Scope Organisation = Scope.Organisation;

    //                                          Public  User   CustAdm       Partner    L1     L2     L3     Develop Release Admin
    private static readonly Dictionary<Permission, Scope[]> Rows = new()
    {
        [Permission.TicketRead]        = [None, Own,  Organisation, Customers, All,  All,  All,  All,  All,  All],
        [Permission.TicketOpen]        = [None, Own,  Organisation, Customers, All,  All,  All,  All,  All,  All],
        [Permission.TicketReply]       = [None, Own,  Organisation, Customers, All,  All,  All,  All,  None, All],
        [Permission.TicketNote]        = [None, None, None,         None,      All,  All,  All,  All,  All,  All],
        [Permission.TicketWork]        = [None, None, None,         None,      All,  All,  All,  All,  None, All],
        [Permission.HelpdeskManage]    = [None, None, None,         None,      None, None, None, None, None, All],
        [Permission.ReportRead]        = [None, None, Organisation, Customers, All,  All,  All,  All,  All,  All],
        [Permission.WebhookManage]     = [None, None, Organisation, Organisation, None, None, None, None, None, All],
        [Permission.ManualRead]        = [All,  All,  All,          All,       All,  All,  All,  All,  All,  All],
        [Permission.ServiceManualRead] = [None, None, None,         None,      All,  All,  All,  All,  All,  All],
        [Permission.WikiEdit]          = [None, None, None,         None,      All,  All,  All,  All,  All,  All],
        [Permission.ReleaseRead]       = [None, All,  All,          All,       All,  All,  All,  All,  All,  All],
        [Permission.ReleaseDownload]   = [None, None, Organisation, Customers, All,  All,  All,  All,  All,  All],
        [Permission.ReleasePublish]    = [None, None, None,         None,      None, None, None, None, All,  All],
        [Permission.CustomerRead]      = [None, None, Organisation, Customers, All,  All,  All,  All,  All,  All],
        [Permission.CustomerManage]    = [None, None, None,         Customers, None, None, None, None, None, All],
        [Permission.SiteRead]          = [None, None, Organisation, Customers, All,  All,  All,  All,  All,  All],
        [Permission.SitePlan]          = [None, None, None,         Customers, None, All,  All,  None, None, All],
        [Permission.SiteCommand]       = [None, None, None,         Customers, None, All,  All,  None, None, All],
        [Permission.PersonRead]        = [None, None, Organisation, Customers, All,  All,  All,  All,  All,  All],
        [Permission.PersonManage]      = [None, None, Organisation, Customers, None, None, None, None, None, All],
        [Permission.SearchUse]         = [All,  All,  All,          All,       All,  All,  All,  All,  All,  All],
        [Permission.ProfileManage]     = [None, Own,  Own,          Own,       Own,  Own,  Own,  Own,  Own,  Own],
        [Permission.SettingsManage]    = [None, None, None,         None,      None, None, None, None, None, All],
        [Permission.AuditRead]         = [None, None, None,         None,      None, None, None, None, None, All],
        [Permission.NodeManage]        = [None, None, None,         None,      None, None, None, None, None, All],
    };

    /// <summary>What is not in the table is not allowed.</summary>
    public static Scope Of(Role role, Permission permission)
        => Rows.TryGetValue(permission, out var row) ? row[(int)role] : None;
}
