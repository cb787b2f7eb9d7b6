using System.Reflection;
using System.Text;
using Microsoft.Extensions.Hosting;
using Mithi.Kernel;
using Mithi.Kernel.Web;
using Mithi.Wiki.Git;

namespace Mithi.Wiki;

/// <summary>Before the node answers: an empty section gets the manual that came with the program, and the index catches up.</summary>
internal sealed class WikiSeed(Repositories repositories, WikiIndex index, TimeProvider time) : IHostedLifecycleService
{
    private const string Prefix = "manual/";

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        repositories.ReleaseLocks();
        foreach (var section in Section.All)
        {
            await repositories.WithAsync(section, git => git.Head.Length > 0 || Seed(git, section), cancellationToken);
            await index.CatchUpAsync(section, cancellationToken);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private bool Seed(SectionRepository git, Section section)
    {
        var pages = Shipped(section).ToArray();
        if (pages.Length == 0) return false;
        git.Commit(pages, "Mithi", "manual@mithi.invalid", $"The manual that came with mithi {NodeOptions.Version}", time.GetCurrentInstant());
        return true;
    }

    private static IEnumerable<PageEdit> Shipped(Section section)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var folder = $"{Prefix}{section.Slug}/";
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(folder, StringComparison.Ordinal)))
        {
            if (PagePath.OfFile(name[folder.Length..]) is not { } path) continue;
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
            yield return new(path, "", Encoding.UTF8.GetBytes(reader.ReadToEnd()));
        }
    }
}
