using Mithi.Trust.Client;

namespace Mithi.Trust.Tests.Client;

/// <summary>Answers one name with spaces that never end, the others truly.</summary>
internal sealed class EndlessFetcher(IReadOnlyDictionary<string, byte[]> files, string endless) : IFetcher
{
    /// <summary>How many bytes were taken from it.</summary>
    public long Given { get; private set; }

    public Task<Stream?> OpenAsync(string path, CancellationToken ct)
        => path == endless ? Task.FromResult<Stream?>(new Spaces(this)) : new MemoryFetcher(files).OpenAsync(path, ct);

    private sealed class Spaces(EndlessFetcher owner) : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)' ');
            owner.Given += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
