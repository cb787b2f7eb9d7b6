using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Helpdesk.Macros;

public readonly record struct MacroId(long Value) : IId<MacroId>
{
    public static MacroId Of(long value) => new(value);
    public static bool TryParse(string? s, IFormatProvider? provider, out MacroId id) => IdText.TryParse(s, out id);
    public override string ToString() => IdText.Format(Value);
}

/// <summary>A set of actions with a name.</summary>
/// <param name="OwnerId">Whose it is; null when all of the staff share it.</param>
public sealed record Macro(MacroId Id, PersonId? OwnerId, string Name, TicketActions Actions)
{
    public bool IsShared => OwnerId is null;
}

public sealed record MacrosModel(IReadOnlyList<Macro> Macros, IReadOnlyList<Choice> Staff, bool MayShare);

/// <param name="Id">Null for a new one.</param>
public sealed record MacroModel(MacroId? Id, MacroForm Form, IReadOnlyList<Choice> Staff, bool MayShare, FormErrors? Errors);
