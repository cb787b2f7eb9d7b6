namespace Mithi.Kernel.Web;

/// <summary>What is wrong with a form, by field. The empty field name is the form as a whole. Messages are English keys.</summary>
public sealed class FormErrors
{
    private readonly Dictionary<string, string> byField = [];

    public bool Any => byField.Count > 0;

    public IReadOnlyDictionary<string, string> All => byField;

    /// <summary>The first mistake of a field is the one shown.</summary>
    public FormErrors Add(string field, string message)
    {
        byField.TryAdd(field, message);
        return this;
    }

    public string? Of(string field) => byField.GetValueOrDefault(field);
}
