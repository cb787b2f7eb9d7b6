namespace Mithi.Kernel.Web;

/// <summary>Names that this node goes by besides those it was started with. A module registers its own when its settings hold some.</summary>
public interface IHostNames
{
    /// <param name="host">The name in a request's address, without a port; from outside.</param>
    /// <param name="ct">Ends the question.</param>
    ValueTask<bool> IsOursAsync(string host, CancellationToken ct);
}
