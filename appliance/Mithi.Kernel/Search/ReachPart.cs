using Mithi.Kernel.Data;
using Mithi.Kernel.People;

namespace Mithi.Kernel.Search;

/// <summary>Permissions with which a reader sees the same things. The parts of a reader have no document in common.</summary>
/// <param name="Organisations">Whose things they are; null: everybody's.</param>
/// <param name="Maker">Only what this person made; null: whoever made it.</param>
internal sealed record ReachPart(IReadOnlyList<Permission> Permissions, IReadOnlyList<long>? Organisations, long? Maker)
{
    public static async Task<IReadOnlyList<ReachPart>> OfAsync(Tx tx, CurrentPerson me)
    {
        var parts = new List<ReachPart>();
        foreach (var same in Enum.GetValues<Permission>().Where(me.May).GroupBy(me.Reach))
        {
            // A token of an organisation has made nothing.
            if (same.Key.Me < 0) continue;
            parts.Add(new([.. same], same.Key.All == 1 ? null : await OrganisationsAsync(tx, same.Key), same.Key.Me == 0 ? null : same.Key.Me));
        }
        return parts;
    }

    private static async Task<IReadOnlyList<long>> OrganisationsAsync(Tx tx, Reach reach) => reach.Partner == 0 ? [reach.Home]
        : [reach.Home, .. await tx.QueryAsync<long>("select id from organisation where partner_id = @Home and id <> @Home order by id", new { reach.Home })];
}
