namespace Mithi.Kernel.Data;

/// <summary>The key of a row. Each kind of row has its own type, so that a ticket's id is never taken for a person's.</summary>
/// <typeparam name="T">The id itself: <c>readonly record struct TicketId(long Value) : IId&lt;TicketId&gt;</c>.</typeparam>
public interface IId<T> : IId, IParsable<T> where T : struct, IId<T>
{
    static abstract T Of(long value);

    static T IParsable<T>.Parse(string s, IFormatProvider? provider)
        => T.TryParse(s, provider, out var id) ? id : throw new FormatException($"'{s}' is not an id.");
}

/// <summary>An id without its type, for what treats all ids alike.</summary>
public interface IId
{
    long Value { get; }
}
