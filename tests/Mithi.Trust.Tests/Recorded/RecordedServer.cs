using Mithi.Trust.Client;

namespace Mithi.Trust.Tests.Recorded;

/// <summary>Serves exactly what a step served and remembers what was asked for.</summary>
internal sealed class RecordedServer
{
    private readonly Dictionary<string, byte[]> _files;

    public RecordedServer(Step step, IReadOnlyDictionary<string, byte[]> blobs)
    {
        _files = step.Serve.ToDictionary(s => Decode(s.Key), s => blobs[s.Value]);
        MetadataFetcher = new Fetcher(this, "metadata/", Metadata);
        TargetFetcher = new Fetcher(this, "targets/", Targets);
    }

    public List<string> Metadata { get; } = [];
    public List<string> Targets { get; } = [];
    public IFetcher MetadataFetcher { get; }
    public IFetcher TargetFetcher { get; }

    private static string Decode(string path) => string.Join('/', path.Split('/').Select(Uri.UnescapeDataString));

    private sealed class Fetcher(RecordedServer server, string prefix, List<string> requests) : IFetcher
    {
        public Task<Stream?> OpenAsync(string path, CancellationToken ct)
        {
            requests.Add(Decode(path));
            return Task.FromResult<Stream?>(server._files.TryGetValue(prefix + Decode(path), out var bytes) ? new MemoryStream(bytes) : null);
        }
    }
}
