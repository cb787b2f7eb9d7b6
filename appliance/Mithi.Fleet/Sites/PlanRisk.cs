namespace Mithi.Fleet.Sites;

/// <summary>What an approval would lose at a site; the engineer confirms anything but nothing.</summary>
internal enum PlanRisk
{
    None,
    /// <summary>A disk that the plan writes to is not blank.</summary>
    UsedDisk,
    /// <summary>An earlier installation is destroyed.</summary>
    Installation,
}

internal static class PlanRisks
{
    extension(PlanRisk)
    {
        /// <summary>From the facts as well as from the plan: a site that forgets to say what it destroys is not believed.</summary>
        public static PlanRisk Of(Site site)
        {
            if (site.ThePlan is not { } plan) return PlanRisk.None;
            if (plan.Destroys is not null) return PlanRisk.Installation;
            var disks = site.TheFacts?.Disks ?? [];
            foreach (var used in plan.Disks.Where(d => d.Use))
            {
                var fact = disks.FirstOrDefault(d => d.Serial == used.Serial && d.Name == used.Name);
                if (fact is { Installation: not null }) return PlanRisk.Installation;
                if (fact is null or { Blank: false }) return PlanRisk.UsedDisk;
            }
            return PlanRisk.None;
        }
    }
}
