using Mithi.Kernel.Settings;

namespace Mithi.Helpdesk.Mail;

/// <summary>Whose word about a sender counts, beside a signature of the sender's own domain.</summary>
/// <param name="AuthServer">The name of the server whose Authentication-Results count; empty: none.</param>
/// <param name="Sealers">The domains of servers that pass mail on and whose seals count.</param>
internal sealed record SenderTrust(string AuthServer, IReadOnlyList<string> Sealers)
{
    private static readonly char[] Between = [' ', ',', ';'];

    public static async Task<SenderTrust> ReadAsync(SettingStore settings, CancellationToken ct)
        => new(await settings.TextAsync(IntakeSettings.AuthServer, ct), Domains(await settings.TextAsync(IntakeSettings.Sealers, ct)));

    public static string[] Domains(string text) => text.Split(Between, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
