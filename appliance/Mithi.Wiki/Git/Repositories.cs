using LibGit2Sharp;
using Mithi.Kernel.Data;

namespace Mithi.Wiki.Git;

/// <summary>The sections' repositories: one user of each at a time, off the request's thread.</summary>
internal sealed class Repositories(DataFolder folder) : IDisposable
{
    private readonly Dictionary<string, SemaphoreSlim> turns = Section.All.ToDictionary(s => s.Slug, _ => new SemaphoreSlim(1, 1));

    /// <summary>Before the first use: what a killed process had locked is nobody's, because the data folder is claimed by this one.</summary>
    public void ReleaseLocks()
    {
        foreach (var left in Directory.EnumerateFiles(folder.Wiki, "*.lock", SearchOption.AllDirectories)) File.Delete(left);
    }

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
        catch (LibGit2SharpException e) when (DiskFull.At(folder.Wiki))
        {
            // A write that fails leaves libgit2 with whatever it said last; only the disk itself knows why.
            throw new IOException($"The disk is full. Git said: {e.Message}", DiskFull.NoSpace);
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
