namespace Mithi.Kernel.People;

/// <summary>Everything that can be allowed. <see cref="PermissionTable"/> says to whom, and over whose things.</summary>
public enum Permission
{
    TicketRead,
    TicketOpen,
    /// <summary>Add a public message to a ticket that one sees.</summary>
    TicketReply,
    /// <summary>Read and write internal notes; see names of staff, levels and clocks' insides.</summary>
    TicketNote,
    /// <summary>Assign, hand over between levels, escalate, change priority.</summary>
    TicketWork,
    HelpdeskManage,

    /// <summary>How promises were kept: numbers over the tickets that one may read anyway.</summary>
    ReportRead,

    /// <summary>Have programs told of what happens: what one may see oneself, and nothing else.</summary>
    WebhookManage,

    /// <summary>The administrators' and applications' manuals.</summary>
    ManualRead,
    /// <summary>The service manual: runbooks, for staff and chosen partners.</summary>
    ServiceManualRead,
    WikiEdit,

    ReleaseRead,
    ReleaseDownload,
    ReleasePublish,

    CustomerRead,
    CustomerManage,

    SiteRead,
    /// <summary>Write a site's plan and prepare its medium.</summary>
    SitePlan,
    /// <summary>Type a pairing code, approve a plan, send commands to a site's agent.</summary>
    SiteCommand,

    PersonRead,
    PersonManage,
    SearchUse,
    /// <summary>One's own profile, sign-in methods, sessions and API tokens.</summary>
    ProfileManage,

    SettingsManage,
    AuditRead,
    /// <summary>Jobs, health, backup, upstream: the node itself.</summary>
    NodeManage,
}

/// <summary>Over whose things a permission reaches.</summary>
public enum Scope
{
    None,
    /// <summary>What the person made, such as tickets that he opened.</summary>
    Own,
    /// <summary>What belongs to the person's organisation.</summary>
    Organisation,
    /// <summary>What belongs to the person's organisation or to a customer of it.</summary>
    Customers,
    All,
}
