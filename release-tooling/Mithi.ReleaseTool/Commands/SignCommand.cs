using System.CommandLine;
using System.Text.Json;
using Mithi.Archive;
using Mithi.Cli;
using Mithi.Trust;
using Mithi.Trust.Keys;
using Mithi.Trust.Repository;

namespace Mithi.ReleaseTool.Commands;

/// <summary>mithi-release sign: archives into the release folder, signatures onto what is staged. Needs no network.</summary>
internal static class SignCommand
{
    private static readonly Option<DirectoryInfo> Repo = new("--repo") { Required = true, Description = "The folder of releases." };
    private static readonly Option<FileInfo[]> Keys = KeyRing.Keys();
    private static readonly Option<FileInfo> PassphraseFile = KeyRing.PassphraseFile();
    private static readonly Argument<FileInfo[]> Archives = new("archive")
    {
        Description = "Archives to release; without any, only what is staged is signed.", Arity = ArgumentArity.ZeroOrMore,
    };

    public static Command Build()
    {
        var command = new Command("sign", "Puts archives into the release folder and signs what is staged there.")
            { Repo, Keys, PassphraseFile, Archives };
        command.SetAction(RunAsync);
        return command;
    }

    /// <summary>Says whose signatures are missing, or that the folder can be published.</summary>
    public static void PrintMissing(ReleaseFolder releases)
    {
        var missing = releases.Missing();
        foreach (var file in missing)
            Console.WriteLine($"{file.File}: {file.Votes} of {file.Threshold} signatures of {file.Role.Name}; any of these may sign:"
                + string.Concat(file.Role.Keys.Keys.Select(id => $"\n  {id}")));
        if (missing.Count == 0) Console.WriteLine("Everything is signed.");
    }

    private static async Task<int> RunAsync(ParseResult args, CancellationToken ct)
    {
        var folder = args.GetRequiredValue(Repo);
        var releases = new ReleaseFolder(folder.FullName, TimeProvider.System);
        if (releases.Root() is null) throw new UserException($"{folder} has no root yet.", "Begin with: mithi-release keys init");

        // An archive may stand right behind the keys, where the option would take it for one of them.
        var named = args.GetValue(Keys) ?? [];
        var archives = (args.GetValue(Archives) ?? []).Concat(named.Where(IsArchive)).ToArray();
        var keys = KeyRing.Load(named.Where(f => !IsArchive(f)), args.GetValue(PassphraseFile));
        if (keys.Count == 0) throw new UserException("There is no key to sign with.", "Name key files with --keys.");

        foreach (var archive in archives) await AddAsync(releases, keys, archive, ct);
        foreach (var file in releases.Sign(keys)) Console.WriteLine($"signed {file}");
        PrintMissing(releases);
        return ExitCode.Done;
    }

    private static async Task AddAsync(ReleaseFolder releases, IReadOnlyList<SigningKey> keys, FileInfo archive, CancellationToken ct)
    {
        if (!archive.Exists) throw new UserException($"{archive} is not there.", "Make it with: mithi-release pack");
        var name = ArchiveName.TryParse(archive.Name)
            ?? throw new UserException($"{archive.Name} is not an archive's name.", "It is made by: mithi-release pack");
        if (ArchiveReader.ManifestOf(archive.FullName).Name is var inside && inside != name)
            throw new UserException($"{archive.Name} says inside that it is {inside}.", "Give it back its own name.");

        var role = releases.Role("targets")?.Delegations.FirstOrDefault(d => d.Role.Name == name.Product)?.Role
            ?? throw new UserException($"Nobody may sign {name.Product} yet.",
                $"Say who: mithi-release keys rotate --repo ... --product {name.Product}=KEY.pub");
        var signer = keys.FirstOrDefault(k => role.Keys.ContainsKey(k.Public.Id))
            ?? throw new UserException($"None of these keys may sign {name.Product}.", "See who may: mithi-release keys show --repo ...");
        try
        {
            var minisig = await Minisign.SignAsync(signer, archive.FullName, ct);
            var target = await releases.AddArchiveAsync(name.Product, name.Version.ToString(), archive.FullName, Custom(name, minisig), ct);
            await File.WriteAllTextAsync(releases.PathOf(target) + ".minisig", minisig, ct);
            Console.WriteLine($"{target.Digests.First}  {target.Path}  {target.Length} bytes");
        }
        catch (TrustException e) when (e.Fault == TrustFault.SameVersionChanged)
        {
            throw new UserException(e.Message, "What is signed never changes: pack it as a new version.", e);
        }
    }

    private static bool IsArchive(FileInfo file) => file.Name.EndsWith(ArchiveName.Extension, StringComparison.Ordinal);

    private static string Custom(ArchiveName name, string minisig)
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("product", name.Product);
            json.WriteString("version", name.Version.ToString());
            json.WriteString("kind", name.Kind.Word());
            json.WriteString("platform", name.Platform);
            json.WriteString("minisig", minisig);
            json.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(output.ToArray());
    }
}
