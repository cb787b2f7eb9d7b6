namespace Mithi.Trust.Client;

/// <summary>Where a repository's files come from: a server, a folder on a stick, a test.</summary>
public interface IFetcher
{
    /// <summary>Opens a file for reading from its first byte.</summary>
    /// <param name="path">Relative, percent-encoded segment by segment, like <c>2.snapshot.json</c>.</param>
    /// <param name="ct">Ends the wait and the reading.</param>
    /// <returns>Null if the repository says that it does not have it.</returns>
    /// <exception cref="TrustException"><see cref="TrustFault.Unreachable"/>.</exception>
    Task<Stream?> OpenAsync(string path, CancellationToken ct);
}
