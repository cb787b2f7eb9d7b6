using Mithi.Kernel.People;

namespace Mithi.Kernel.Links;

/// <summary>A kind of thing that texts can point to: <c>release:connect-server/5.2.1</c>. Registered as a singleton by its module.</summary>
public interface ILinkTarget
{
    /// <summary>The word before the colon. <c>ticket</c> is also what <c>#4711</c> means.</summary>
    string Scheme { get; }

    /// <summary>Null when there is no such thing, or when this reader must not know that there is.</summary>
    /// <param name="id">What stood after the colon; from outside, so anything.</param>
    Task<LinkTarget?> ResolveAsync(string id, CurrentPerson me, CancellationToken ct);
}

/// <param name="Url">A path of this node; anything else is not linked.</param>
/// <param name="Title">Shown as the link's tooltip, such as the ticket's subject.</param>
public sealed record LinkTarget(string Url, string Title);
