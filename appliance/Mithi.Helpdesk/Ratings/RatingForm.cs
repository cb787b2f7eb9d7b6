using Microsoft.AspNetCore.Http;
using Mithi.Helpdesk.Tickets;
using Mithi.Kernel.Web;
using NodaTime;
using FormText = Mithi.Helpdesk.Tickets.FormText;

namespace Mithi.Helpdesk.Ratings;

/// <summary>What a customer sends about a resolution.</summary>
internal sealed record RatingForm(Rating Rating, string Comment)
{
    /// <summary>The form, or its errors beside what was typed.</summary>
    public static (RatingForm Form, FormErrors Errors) Read(IFormCollection fields) => Read(FormText.Line(fields, "rating"), FormText.Area(fields, "comment"));

    public static (RatingForm Form, FormErrors Errors) Read(string said, string comment)
    {
        var errors = new FormErrors();
        if (FormText.Name<Rating>(said) is not { } rating)
        {
            errors.Add("rating", "Choose good or bad.");
            rating = default;
        }
        if (comment.Length > Limits.CommentCharsMax) errors.Add("comment", "This is too long: at most 2,000 characters.");
        return (new(rating, comment), errors);
    }
}

/// <param name="Rating">Good or Bad.</param>
internal sealed record ApiRating(string? Rating, string? Comment);

/// <summary>The part of a ticket's page about its resolution.</summary>
/// <param name="MayRate">This reader may say something now.</param>
public sealed record RatingModel(TicketId Id, bool MayRate, Rating? Rating, string Comment, Instant? At, FormErrors? Errors);

/// <summary>The page of a link in a mail.</summary>
/// <param name="IsOpen">Something may be said; otherwise it is too late.</param>
/// <param name="Said">What was said before.</param>
public sealed record RatingPageModel(string Link, TicketId Id, bool IsOpen, Rating? Said, string Comment, FormErrors? Errors)
{
    public bool Done { get; init; }
}
