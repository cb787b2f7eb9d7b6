namespace Mithi.Helpdesk.Levels;

/// <summary>One item of what a level wants to be given, and what whoever handed the ticket over said to it. In events for ever: add, never rename.</summary>
/// <param name="Question">As it was asked then.</param>
/// <param name="Given">It is there.</param>
/// <param name="Words">Why it is not there, or where it is.</param>
public sealed record Evidence(string Question, bool Given, string Words)
{
    /// <summary>Ticked, or explained.</summary>
    public bool IsAnswered => Given || Words.Length > 0;
}
