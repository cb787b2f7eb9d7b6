using Mithi.Kernel;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Sla;

/// <summary>A calendar that never opens promises nothing and says so nowhere but here: the doctor shouts.</summary>
internal sealed class CalendarCheck(ContractStore contracts, TimeProvider time) : ISelfCheck
{
    public string Name => "Calendars";

    public async Task<Trouble?> LookAsync(CancellationToken ct)
        => await contracts.NeverOpenAsync(time.GetCurrentInstant(), ct) is { Count: > 0 } closed
            ? new("These calendars have no open minute in 400 days, so nothing counted by them is ever due: {0}", "Mend them under Calendars.")
            {
                Values = [string.Join(", ", closed)],
            }
            : null;
}
