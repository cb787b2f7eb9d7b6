using Microsoft.Extensions.DependencyInjection;

namespace Mithi.Kernel.Settings;

/// <summary>Every setting that a module has registered, in order.</summary>
public sealed class SettingCatalog
{
    private readonly Dictionary<string, Setting> byKey;

    public SettingCatalog(IEnumerable<Setting> all)
    {
        All = [.. all];
        byKey = All.ToDictionary(s => s.Key);
    }

    public IReadOnlyList<Setting> All { get; }

    public Setting? Find(string key) => byKey.GetValueOrDefault(key);
}

public static class SettingRegistration
{
    public static IServiceCollection AddSettings(this IServiceCollection services, params IEnumerable<Setting> settings)
    {
        foreach (var setting in settings) services.AddSingleton(setting);
        return services;
    }
}
