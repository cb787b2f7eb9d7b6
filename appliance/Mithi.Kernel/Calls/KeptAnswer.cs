namespace Mithi.Kernel.Calls;

/// <summary>A call that its program can repeat without doing it twice.</summary>
/// <param name="Caller">A token or a person: nobody meets another's keys.</param>
/// <param name="Hash">SHA-256 of method, address and body.</param>
internal sealed record KeyedCall(string Caller, string Key, byte[] Hash);

/// <summary>What is known of a call.</summary>
internal abstract record KeptAnswer
{
    private KeptAnswer() { }

    public sealed record Unknown : KeptAnswer;

    /// <summary>The caller has as many keys as he may have.</summary>
    public sealed record TooMany : KeptAnswer;

    /// <summary>The key was used with something else.</summary>
    public sealed record OtherContent : KeptAnswer;

    /// <summary>It came as far as writing; what it would have answered was lost.</summary>
    public sealed record Lost : KeptAnswer;

    public sealed record Given(int Status, string ContentType, byte[] Body) : KeptAnswer;
}
