using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Canned;

public readonly record struct AnswerId(long Value) : IId<AnswerId>
{
    public static AnswerId Of(long value) => new(value);
    public static bool TryParse(string? s, IFormatProvider? provider, out AnswerId id) => IdText.TryParse(s, out id);
    public override string ToString() => IdText.Format(Value);
}

/// <summary>A text that is sent again and again.</summary>
/// <param name="OwnerId">Whose it is; null when all of the staff share it.</param>
/// <param name="Body">May hold the variables of <see cref="AnswerText"/>.</param>
public sealed record CannedAnswer(AnswerId Id, PersonId? OwnerId, string Name, string Body)
{
    public bool IsShared => OwnerId is null;
}

/// <param name="MayShare">May make and change what all of the staff use.</param>
public sealed record AnswersModel(IReadOnlyList<CannedAnswer> Answers, bool MayShare);

/// <param name="Id">Null for a new one.</param>
public sealed record AnswerModel(AnswerId? Id, AnswerForm Form, bool MayShare, FormErrors? Errors);

/// <summary>The choice of canned answers above a text that is being written.</summary>
/// <param name="Path">Where a page without scripts sends the choice.</param>
/// <param name="Id">Of the choice on its page.</param>
/// <param name="Key">The single key that leads to it; null for none.</param>
public sealed record CannedBarModel(string Path, string Id, IReadOnlyList<Choice> Answers, string? Key);
