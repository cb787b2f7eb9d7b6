using Microsoft.AspNetCore.Http;

namespace Mithi.Helpdesk.Tickets;

/// <summary>A page that shows a form again with what is wrong in it.</summary>
internal sealed class RefusedForm(IResult page) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return page.ExecuteAsync(httpContext);
    }
}
