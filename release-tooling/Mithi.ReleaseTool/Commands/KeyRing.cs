using System.CommandLine;
using System.Text;
using Mithi.Cli;
using Mithi.Trust;
using Mithi.Trust.Keys;

namespace Mithi.ReleaseTool.Commands;

/// <summary>The options that name keys, and how their passphrases are asked for.</summary>
internal static class KeyRing
{
    public static Option<FileInfo[]> Keys() => new("--keys")
    {
        Description = "Key files to sign with.", AllowMultipleArgumentsPerToken = true,
    };

    public static Option<FileInfo> PassphraseFile() => new("--passphrase-file")
    {
        Description = "A file whose first line is the passphrase; without it, it is asked for on the terminal.",
    };

    public static IReadOnlyList<SigningKey> Load(IEnumerable<FileInfo> files, FileInfo? passphraseFile)
    {
        var keys = new List<SigningKey>();
        foreach (var file in files)
        {
            WarnIfOthersCanRead(file);
            try
            {
                keys.Add(KeyFile.Load(file.FullName, name => Passphrase($"Passphrase of {name}", passphraseFile)));
            }
            catch (TrustException e)
            {
                throw new UserException($"{file} can't be used: {e.Reason}.", "Type the passphrase again, or name a file that 'mithi-release keys new' has made.", e);
            }
        }
        return keys;
    }

    public static (string Name, PublicKey Key) LoadPublic(string file)
    {
        try
        {
            return KeyFile.LoadPublic(file);
        }
        catch (TrustException e)
        {
            throw new UserException($"{file} can't be used: {e.Reason}.", "Name the .pub file of a key.", e);
        }
    }

    /// <summary>A new passphrase, asked for twice.</summary>
    public static string NewPassphrase(FileInfo? passphraseFile)
    {
        var passphrase = Passphrase("New passphrase", passphraseFile);
        if (passphrase.Length < Trust.Limits.PassphraseCharsMin)
            throw new UserException($"A passphrase needs {Trust.Limits.PassphraseCharsMin} characters.", "Take four words that nobody would put together.");
        if (passphraseFile is null && Passphrase("Again", null) != passphrase)
            throw new UserException("The two passphrases differ.", "Try again.");
        return passphrase;
    }

    private static string Passphrase(string prompt, FileInfo? file)
    {
        if (file is not null)
            return File.ReadLines(file.FullName).FirstOrDefault()
                ?? throw new UserException($"{file} is empty.", "Its first line must be the passphrase.");
        if (Console.IsInputRedirected)
            throw new UserException("There is no terminal to ask for a passphrase.", "Use --passphrase-file.");
        Console.Error.Write(prompt + ": ");
        var typed = new StringBuilder();
        for (var key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace) typed.Length = Math.Max(0, typed.Length - 1);
            else if (!char.IsControl(key.KeyChar)) typed.Append(key.KeyChar);
        }
        Console.Error.WriteLine();
        return typed.ToString();
    }

    private static void WarnIfOthersCanRead(FileInfo file)
    {
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        if (file.Exists && !OperatingSystem.IsWindows() && (file.UnixFileMode & others) != 0)
            Console.Error.WriteLine($"Warning: others can read {file}. Do: chmod 600 {file}");
    }
}
