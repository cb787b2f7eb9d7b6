using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Mithi.Kernel.People;

namespace Mithi.Kernel;

/// <summary>A part of the house: its services, its routes and its place in the menu. A new one is a line in the host's list.</summary>
/// <remarks>
/// What a module says besides, it registers as services: <c>IOutboxHandler</c>, <c>IJob</c>, <c>ISearchable</c>,
/// <c>ILinkTarget</c>, <c>Setting</c>s. Its SQL files and texts are found in its assembly.
/// </remarks>
public interface IModule
{
    /// <summary>Its entries of the main menu, in order. A reader sees those that his role may use.</summary>
    IReadOnlyList<MenuEntry> Menu { get; }

    void AddServices(IServiceCollection services);

    /// <summary>Adds routes; each needs a rule (<c>Needs</c>, <c>ForSignedIn</c>, <c>ForEverybody</c>) or it is refused.</summary>
    void MapRoutes(IEndpointRouteBuilder routes);
}

/// <summary>A line of the main menu.</summary>
/// <param name="Title">English; the menu translates it.</param>
/// <param name="Path">Starts with a slash.</param>
/// <param name="Permission">Shown to whoever may do this.</param>
/// <param name="About">One English sentence for the start page: what one does there.</param>
public sealed record MenuEntry(string Title, string Path, Permission Permission, string About);
