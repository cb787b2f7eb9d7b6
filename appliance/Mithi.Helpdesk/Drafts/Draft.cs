using NodaTime;

namespace Mithi.Helpdesk.Drafts;

/// <summary>What is being written. Stored by name.</summary>
public enum DraftKind { Reply, Note }

/// <summary>A reply or a note that was typed and not sent.</summary>
/// <param name="ThenState">What was chosen under "Then"; empty: nothing.</param>
public sealed record Draft(DraftKind Kind, string Body, string ThenState, Instant SavedAt);

/// <summary>What became of keeping one.</summary>
internal enum DraftResult
{
    Kept,
    /// <summary>No such ticket within reach, or nothing that this person may write there.</summary>
    Missing,
    /// <summary>It comes from a page that was sent meanwhile: what is in it is said already.</summary>
    Sent,
}

/// <summary>The line below a form whose text is kept.</summary>
/// <param name="Path">Where it is kept.</param>
/// <param name="KeptAt">Null when what stands there is no draft.</param>
public sealed record DraftBarModel(string Path, Instant? KeptAt);
