using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.Settings;

namespace Mithi.Kernel.People;

/// <summary>What the Kernel's module adds for people: stores, sign-in and their pages.</summary>
public static class PeopleParts
{
    public static IReadOnlyList<MenuEntry> Menu { get; } =
        [new("People", "/people", Permission.PersonRead, "Who may sign in, and as what.")];

    public static IServiceCollection AddPeople(this IServiceCollection services)
    {
        services.AddSingleton<OrganisationStore>().AddSingleton<PersonStore>().AddSingleton<EntitlementStore>();
        services.AddSingleton<ContactStore>().AddSettings(ContactSettings.All);
        services.AddSingleton<SessionStore>().AddSingleton<TokenStore>().AddSingleton<OneTimeStore>();
        services.AddSingleton<Passwords>().AddSingleton<CredentialStore>().AddSingleton<AddressGate>();
        services.AddSingleton<SignIn>().AddSingleton<FirstRun>().AddSingleton<PasswordLinks>();
        services.AddSingleton<OwnCredentials>().AddSingleton<ManagedCredentials>();
        services.AddSingleton<ProfileView>().AddSingleton<PeopleView>();
        services.AddSingleton<IJob, ForgottenJob>().AddSingleton<IRecurringJob, SweepJob>();
        services.AddSingleton<PasskeyStore>().AddSingleton<IUserStore<Person>>(s => s.GetRequiredService<PasskeyStore>());
        services.AddIdentityCore<Person>();
        services.AddScoped<IPasskeyHandler<Person>, PasskeyHandler<Person>>();
        return services;
    }

    public static void MapPeople(this IEndpointRouteBuilder routes)
    {
        SignInRoutes.Map(routes);
        PasskeyRoutes.Map(routes);
        ProfileRoutes.Map(routes);
        PeopleRoutes.Map(routes);
        OrganisationRoutes.Map(routes);
    }
}
