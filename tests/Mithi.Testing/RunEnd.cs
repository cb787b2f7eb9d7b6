namespace Mithi.Testing;

/// <summary>Tidies up behind all tests of a program, by an attribute that tests/Directory.Build.targets gives each.</summary>
/// <remarks>Not when the process exits: a hundred databases are not deleted in the ten seconds that xunit gives it then.</remarks>
public sealed class RunEnd : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await PostgresServer.StopAsync();
        RunFolder.Delete();
    }
}
