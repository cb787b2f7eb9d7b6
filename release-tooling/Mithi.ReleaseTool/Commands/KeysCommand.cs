using System.CommandLine;
using System.Text.Json;
using Mithi.Cli;
using Mithi.Trust.Keys;
using Mithi.Trust.Metadata;
using Mithi.Trust.Repository;

namespace Mithi.ReleaseTool.Commands;

/// <summary>mithi-release keys: makes keys, shows who may sign what, and says who may from now on.</summary>
internal static class KeysCommand
{
    private static readonly Option<string> Name = new("--name") { Required = true, Description = "Whose key it is, like 'root, Anita'." };
    private static readonly Option<FileInfo> Out = new("--out") { Required = true, Description = "The key file; the public half goes beside it as .pub." };
    private static readonly Option<bool> Plain = new("--plain") { Description = "Without a passphrase: for tests, and for keys that a program must use." };
    private static readonly Option<FileInfo> PassphraseFile = KeyRing.PassphraseFile();
    private static readonly Option<DirectoryInfo> Repo = new("--repo") { Description = "The folder of releases." };
    private static readonly Argument<FileInfo[]> Files = new("file") { Description = "Key files or public keys.", Arity = ArgumentArity.ZeroOrMore };

    private static readonly Option<string[]> RootKeys = Many("--root", "The public keys that the root role has from now on.");
    private static readonly Option<int?> RootThreshold = new("--root-threshold") { Description = "How many of them must sign; 2 at first." };
    private static readonly Option<string[]> TargetsKeys = Many("--targets", "The public keys that say which products there are.");
    private static readonly Option<FileInfo> Node = new("--node") { Description = "What the node answers to GET /api/releases/trust." };
    private static readonly Option<string[]> Product = Many("--product", "NAME=PUB: the key of a product's releases.");
    private static readonly Option<string[]> Renew = Many("--renew", "A role to sign again as it is, for a later date: root, targets or a product.");
    private static readonly Option<FileInfo[]> Keys = KeyRing.Keys();

    public static Command Build()
    {
        var make = new Command("new", "Makes a signing key (ed25519).") { Name, Out, Plain, PassphraseFile };
        make.SetAction(New);
        var show = new Command("show", "Shows keys, or with --repo who may sign what and whose signature is missing.") { Files, Repo };
        show.SetAction(Show);
        var init = new Command("init", "Stages the first root of a release folder.")
            { Repo, RootKeys, RootThreshold, TargetsKeys, Node, Product, Keys, PassphraseFile };
        init.SetAction(args => Stage(args, first: true));
        var rotate = new Command("rotate", "Stages a change of keys: the roles that are named get exactly these keys, the others stay.")
            { Repo, RootKeys, RootThreshold, TargetsKeys, Node, Product, Renew, Keys, PassphraseFile };
        rotate.SetAction(args => Stage(args, first: false));
        return new Command("keys", "Signing keys and who holds which.") { make, show, init, rotate };
    }

    private static int New(ParseResult args)
    {
        var path = args.GetRequiredValue(Out).FullName;
        if (File.Exists(path)) throw new UserException($"{path} is there already.", "A key is never overwritten: choose another name.");
        var passphrase = args.GetValue(Plain) ? null : KeyRing.NewPassphrase(args.GetValue(PassphraseFile));
        if (passphrase is null)
            Console.Error.WriteLine($"Warning: {path} has no passphrase. Whoever can read the file can sign.");
        var key = SigningKey.Generate();
        KeyFile.Save(path, key, args.GetRequiredValue(Name), passphrase);
        var shared = Path.ChangeExtension(path, ".pub");
        File.WriteAllText(shared, $$"""
            { "name": "{{JsonEncodedText.Encode(args.GetRequiredValue(Name))}}", "public": {{key.Public.Json}} }

            """);
        Console.WriteLine($"{key.Public.Id}  {path}");
        Console.WriteLine($"{"",64}  {shared}  (give this one to the release folder)");
        return ExitCode.Done;
    }

    private static int Show(ParseResult args)
    {
        foreach (var file in args.GetValue(Files) ?? [])
        {
            var (name, key) = KeyRing.LoadPublic(file.FullName);
            Console.WriteLine($"{key.Id}  {key.Scheme}  {name}");
            if (key.KeyType == "ed25519") Console.WriteLine($"{"",64}  minisign  {Minisign.PublicKeyText(key)}");
        }
        if (args.GetValue(Repo) is not { } folder) return ExitCode.Done;
        var releases = new ReleaseFolder(folder.FullName, TimeProvider.System);
        var root = releases.Root() ?? throw Empty(folder);
        Console.WriteLine($"root version {root.Version}, expires {root.Expires:yyyy-MM-dd}");
        var targets = releases.Role(RoleNames.Targets);
        foreach (var role in root.Roles.Values.Concat(targets?.Delegations.Select(d => d.Role) ?? []))
        {
            Console.WriteLine($"{role.Name}: {role.Threshold} of {role.Keys.Count}{Expiry(releases, role.Name)}");
            foreach (var id in role.Keys.Keys) Console.WriteLine($"  {id}");
        }
        SignCommand.PrintMissing(releases);
        return ExitCode.Done;
    }

    private static int Stage(ParseResult args, bool first)
    {
        var folder = args.GetValue(Repo) ?? throw new UserException("--repo is missing.", "Name the folder of releases.");
        var releases = new ReleaseFolder(folder.FullName, TimeProvider.System);
        var root = releases.Root();
        if (first && root is not null) throw new UserException($"{folder} has a root already.", "Change its keys with: mithi-release keys rotate");
        if (!first && root is null) throw Empty(folder);

        // Before anything is staged: a wrong passphrase must leave the folder as it was.
        var keys = KeyRing.Load(args.GetValue(Keys) ?? [], args.GetValue(PassphraseFile));
        var renew = (first ? null : args.GetValue(Renew)) ?? [];
        var top = TopLevel(args, first);
        if (top.Count > 0 || renew.Contains(RoleNames.Root))
            releases.StageRoot(roles => Merge(roles, top, args.GetValue(RootThreshold)));
        var products = Products(args);
        if (first || products.Count > 0 || renew.Contains(RoleNames.Targets))
            releases.StageTargets(roles => Merge(roles, products, threshold: null));
        foreach (var product in renew.Except([RoleNames.Root, RoleNames.Targets])) releases.Renew(product);
        releases.Sign(keys);
        SignCommand.PrintMissing(releases);
        return ExitCode.Done;
    }

    // What is not named stays as it is; a threshold stays too, unless there are too few keys for it now.
    private static Dictionary<string, RoleKeys> Merge(
        IReadOnlyDictionary<string, RoleKeys> present, IReadOnlyDictionary<string, IReadOnlyList<PublicKey>> named, int? threshold)
    {
        var roles = present.ToDictionary();
        foreach (var (name, keys) in named)
        {
            var wanted = name == RoleNames.Root ? threshold ?? 2 : 1;
            roles[name] = new RoleKeys(roles.TryGetValue(name, out var before) && threshold is null ? before.Threshold : wanted, keys);
        }
        foreach (var (name, role) in roles)
            if (role.Keys.Count < role.Threshold)
                throw new UserException($"{name} would need {role.Threshold} of {role.Keys.Count} keys.", "Name more keys, or lower the threshold.");
        return roles;
    }

    private static Dictionary<string, IReadOnlyList<PublicKey>> TopLevel(ParseResult args, bool first)
    {
        var named = new Dictionary<string, IReadOnlyList<PublicKey>>();
        if (args.GetValue(RootKeys) is { Length: > 0 } root) named[RoleNames.Root] = [.. root.Select(f => KeyRing.LoadPublic(f).Key)];
        if (args.GetValue(TargetsKeys) is { Length: > 0 } targets) named[RoleNames.Targets] = [.. targets.Select(f => KeyRing.LoadPublic(f).Key)];
        if (args.GetValue(Node) is { } node)
        {
            var trust = NodeTrust.Parse(File.ReadAllBytes(node.FullName), node.Name);
            (named[RoleNames.Snapshot], named[RoleNames.Timestamp]) = ([trust.Snapshot], [trust.Timestamp]);
        }
        if (first && named.Count < 4)
            throw new UserException("The first root needs all roles.", "Give --root, --targets and --node.");
        return named;
    }

    private static Dictionary<string, IReadOnlyList<PublicKey>> Products(ParseResult args)
    {
        var named = new Dictionary<string, IReadOnlyList<PublicKey>>();
        foreach (var text in args.GetValue(Product) ?? [])
        {
            if (text.Split('=', 2) is not [var name, var file] || !Archive.ArchiveName.IsProduct(name) || RoleNames.TopLevel.Contains(name))
                throw new UserException($"{text} is not a product and its key.", "Write it like mail-server=product.pub");
            named[name] = [.. named.GetValueOrDefault(name) ?? [], KeyRing.LoadPublic(file).Key];
        }
        return named;
    }

    private static string Expiry(ReleaseFolder releases, string role)
        => releases.Role(role) is { } file ? $", version {file.Version}, expires {file.Expires:yyyy-MM-dd}" : "";

    private static UserException Empty(DirectoryInfo folder) => new($"{folder} has no root yet.", "Begin with: mithi-release keys init");

    private static Option<string[]> Many(string name, string description)
        => new(name) { Description = description, AllowMultipleArgumentsPerToken = true };
}
