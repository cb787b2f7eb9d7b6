using Mithi.Kernel.Data;

namespace Mithi.Wiki.Git;

/// <summary>The sections' repositories: one user of each at a time, off the request's thread.</summary>
internal sealed class Repositories(DataFolder folder) : IDisposable
{
    private readonly Dictionary<string, SemaphoreSlim> turns = Section.All.ToDictionary(s => s.Slug, _ => new SemaphoreSlim(1, 1));

    public async Task<T> WithAsync<T>(Section section, Func<SectionRepository, T> work, CancellationToken ct)
    {
        var turn = turns[section.Slug];
        await turn.WaitAsync(ct);
        try
        {
            return await Task.Run(() =>
            {
                using var repository = SectionRepository.Open(folder, section);
                return work(repository);
            }, ct);
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose()
    {
        foreach (var turn in turns.Values) turn.Dispose();
    }
}
