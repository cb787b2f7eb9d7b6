using Microsoft.Extensions.DependencyInjection;

namespace Mithi.Kernel.People;

/// <summary>What the host adds for people: stores, sign-in and their pages.</summary>
public static class PeopleParts
{
    public static IServiceCollection AddPeople(this IServiceCollection services) => services
        .AddSingleton<OrganisationStore>().AddSingleton<PersonStore>().AddSingleton<EntitlementStore>()
        .AddSingleton<SessionStore>().AddSingleton<TokenStore>();
}
