using System.Buffers;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using RazorSlices;

namespace Mithi.Kernel.Web;

/// <summary>Renders a slice into a pooled buffer and writes it once, with its length.</summary>
/// <remarks>Rendering straight into the response costs twice the processor time: wiki-content/internals/decisions has the figures.</remarks>
internal static class PageWriter
{
    // Hindi and other scripts stay readable in the page's source; only what HTML needs is escaped.
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    public static async Task WriteAsync(RazorSlice slice, int status, HttpContext context)
    {
        using (slice)
        {
            slice.HttpContext = context;
            slice.ServiceProvider = context.RequestServices;
            using var buffer = new PooledWriter();
            await slice.RenderAsync(buffer, Encoder, context.RequestAborted);
            var response = context.Response;
            // The handler's own status wins: a form with errors sets 422 before it shows itself again.
            if (response.StatusCode == StatusCodes.Status200OK) response.StatusCode = status;
            response.ContentType = "text/html; charset=utf-8";
            response.ContentLength = buffer.Written.Length;
            if (!HttpMethods.IsHead(context.Request.Method)) await response.Body.WriteAsync(buffer.Written, context.RequestAborted);
        }
    }

    /// <summary>A PipeWriter that keeps everything in one growing rented array.</summary>
    private sealed class PooledWriter : PipeWriter, IDisposable
    {
        private byte[] rented = ArrayPool<byte>.Shared.Rent(32 << 10);
        private int written;

        public ReadOnlyMemory<byte> Written => rented.AsMemory(0, written);

        public override bool CanGetUnflushedBytes => true;

        public override long UnflushedBytes => 0;

        public override void Advance(int bytes) => written += bytes;

        public override Memory<byte> GetMemory(int sizeHint = 0)
        {
            Grow(sizeHint);
            return rented.AsMemory(written);
        }

        public override Span<byte> GetSpan(int sizeHint = 0)
        {
            Grow(sizeHint);
            return rented.AsSpan(written);
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => default;

        public override void CancelPendingFlush() { }

        public override void Complete(Exception? exception = null) { }

        public void Dispose() => ArrayPool<byte>.Shared.Return(rented);

        private void Grow(int sizeHint)
        {
            if (rented.Length - written >= Math.Max(sizeHint, 256)) return;
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(rented.Length * 2, written + Math.Max(sizeHint, 256)));
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(rented);
            rented = larger;
        }
    }
}
