using Mithi.Kernel.Settings;
using Mithi.Kernel.Web;

namespace Mithi.Fleet;

/// <summary>The names in "Addresses for sites": media carry them, so whoever comes by one of them comes to this node.</summary>
internal sealed class SiteNames(SettingStore settings) : IHostNames
{
    public async ValueTask<bool> IsOursAsync(string host, CancellationToken ct)
        => FleetSettings.Split(await settings.TextAsync(FleetSettings.Addresses, ct))
            .Any(a => new Uri(a).Host.Equals(host, StringComparison.OrdinalIgnoreCase));
}
