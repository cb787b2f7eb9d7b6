using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Mithi.Kernel.Web;

/// <summary>An error page: what happened and what to do next, in English keys.</summary>
public sealed record ErrorModel(int Status, string Title, string Message, string Hint, string RequestId)
{
    public static ErrorModel For(HttpContext context)
    {
        var (title, message, hint) = Words(context.Response.StatusCode);
        if (context.Features.Get<Refusal>() is { } why) (message, hint) = (why.Message, why.Hint);
        return new(context.Response.StatusCode, title, message, hint, context.TraceIdentifier);
    }

    /// <summary>The same for programs: problem details, RFC 9457.</summary>
    public ProblemHttpResult ToProblem()
        => TypedResults.Problem(title: Title, detail: $"{Message} {Hint}", statusCode: Status, extensions: [new("requestId", RequestId)]);

    private static (string Title, string Message, string Hint) Words(int status) => status switch
    {
        StatusCodes.Status400BadRequest => ("Not understood", "The request was not understood.", "Go back and try it again."),
        StatusCodes.Status401Unauthorized => ("Sign in first", "This needs an account or a valid token.", "Sign in and try it again."),
        StatusCodes.Status403Forbidden => ("Not allowed", "Your account may not do this.",
            "Ask an administrator if you need it, or sign in with another account."),
        StatusCodes.Status404NotFound => ("Not found", "There is nothing here, or you may not see it.",
            "Check the address, or look for it with the search."),
        StatusCodes.Status409Conflict => ("Changed meanwhile", "Somebody else changed this while you worked on it.", "Load it again and repeat your change."),
        StatusCodes.Status413PayloadTooLarge => ("Too large", "What was sent is larger than this node accepts.", "Send less at once."),
        StatusCodes.Status429TooManyRequests => ("Too many requests", "There were too many requests in a short time.", "Wait a minute and try it again."),
        StatusCodes.Status507InsufficientStorage => ("Disk full", "The node's disk is full, so nothing was saved.",
            "An administrator has to make room. What you typed is still in your browser: go back."),
        StatusCodes.Status503ServiceUnavailable => ("Not ready", "The node is starting or stopping.", "Try it again in a minute."),
        >= 500 => ("Something went wrong", "The node could not answer because of a fault of ours. Nothing was half-done.",
            "Try it again. If it happens once more, report it."),
        _ => ("Not done", "The request was refused.", "Go back and try it again."),
    };
}
