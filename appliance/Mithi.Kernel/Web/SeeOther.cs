using Microsoft.AspNetCore.Http;

namespace Mithi.Kernel.Web;

/// <summary>The answer to a form that was taken: look at that page. With 303 a reload of it sends nothing twice.</summary>
/// <param name="path">Of this node.</param>
public sealed class SeeOther(string path) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        httpContext.Response.Headers.Location = path;
        return Task.CompletedTask;
    }
}
