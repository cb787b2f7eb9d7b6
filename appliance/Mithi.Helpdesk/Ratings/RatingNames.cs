namespace Mithi.Helpdesk.Ratings;

/// <summary>English keys, translated where they are shown.</summary>
public static class RatingNames
{
    public static string Of(Rating rating) => rating == Rating.Good ? "Solved well" : "Not solved well";
}
