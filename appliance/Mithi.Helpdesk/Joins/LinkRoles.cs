using Mithi.Helpdesk.Tickets;

namespace Mithi.Helpdesk.Joins;

internal static class LinkRoles
{
    /// <summary>What this ticket is to the other, when the other is that to this one.</summary>
    public static LinkRole Inverse(this LinkRole role) => role switch
    {
        LinkRole.Parent => LinkRole.Child,
        LinkRole.Child => LinkRole.Parent,
        LinkRole.DuplicateOf => LinkRole.DuplicatedBy,
        LinkRole.DuplicatedBy => LinkRole.DuplicateOf,
        LinkRole.BlockedBy => LinkRole.Blocks,
        LinkRole.Blocks => LinkRole.BlockedBy,
        LinkRole.Cause => LinkRole.Effect,
        LinkRole.Effect => LinkRole.Cause,
        _ => LinkRole.Related,
    };
}
