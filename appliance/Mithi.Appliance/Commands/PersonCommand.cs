using System.CommandLine;
using Mithi.Cli;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Appliance.Commands;

/// <summary>mithi person: for whoever has the data folder but no account, or has locked himself out. The node may be running.</summary>
internal static class PersonCommand
{
    private static readonly Argument<string> Email = new("email") { Description = "The address that the person signs in with." };
    private static readonly Option<string> Organisation = new("--organisation") { Required = true, Description = "Where the person works; a new name makes a new organisation." };
    private static readonly Option<Role> As = new("--role") { Required = true, Description = "What the person is to this node." };
    private static readonly Option<string> Name = new("--name") { Required = true, Description = "First and last name." };
    private static readonly Option<bool> SecondStepOff = new("--second-step-off") { Description = "For a lost phone: the authenticator is forgotten." };

    private static readonly Option<bool> RemoveKeys = new("--remove-keys") { Description = "When somebody else was in the account: passkeys, API tokens and sessions are removed." };

    public static Command Build() => new("person", "Makes people, sends new links, shuts people out.")
    {
        With(new Command("list", "Shows everybody.") { }, ListAsync),
        With(new Command("create", "Makes a person and prints an invitation.") { Email, Organisation, As, Name, NodeArguments.PublicUrl }, CreateAsync),
        With(new Command("reset", "Prints a link that sets a new password.") { Email, SecondStepOff, RemoveKeys, NodeArguments.PublicUrl }, ResetAsync),
        With(new Command("disable", "Shuts somebody out at once.") { Email }, (args, node, ct) => DisableAsync(args, node, true, ct)),
        With(new Command("enable", "Lets somebody in again.") { Email }, (args, node, ct) => DisableAsync(args, node, false, ct)),
    };

    private static Command With(Command command, Func<ParseResult, JoinedNode, CancellationToken, Task> run)
    {
        NodeArguments.AddTo(command);
        command.SetAction(async (args, ct) =>
        {
            await using var node = await NodeArguments.JoinAsync(args, ct);
            await run(args, node, ct);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task ListAsync(ParseResult args, JoinedNode node, CancellationToken ct)
    {
        foreach (var person in await PersonTasks.ListAsync(node.Db, ct))
            Console.WriteLine($"{person.Email}  {person.Role}  {person.OrganisationName}  {person.Name}{(person.Disabled ? "  (shut out)" : "")}");
    }

    private static async Task CreateAsync(ParseResult args, JoinedNode node, CancellationToken ct) => Print(args,
        await PersonTasks.CreateAsync(node.Db, node.Audit, args.GetRequiredValue(Organisation), args.GetRequiredValue(As),
            args.GetRequiredValue(Name), args.GetRequiredValue(Email), Now, ct));

    private static async Task ResetAsync(ParseResult args, JoinedNode node, CancellationToken ct) => Print(args,
        await PersonTasks.ResetAsync(node.Db, node.Audit, args.GetRequiredValue(Email), args.GetValue(SecondStepOff), args.GetValue(RemoveKeys), Now, ct));

    private static async Task DisableAsync(ParseResult args, JoinedNode node, bool disabled, CancellationToken ct)
    {
        await PersonTasks.DisableAsync(node.Db, node.Audit, args.GetRequiredValue(Email), disabled, ct);
        Console.WriteLine(disabled ? "Shut out." : "Let in again.");
    }

    private static Instant Now => TimeProvider.System.GetCurrentInstant();

    private static void Print(ParseResult args, string path)
    {
        if (args.GetValue(NodeArguments.PublicUrl) is { Length: > 0 } url)
            Console.WriteLine($"{NodeArguments.Address(url).GetLeftPart(UriPartial.Authority)}{path}");
        else
            Console.WriteLine($"Open this at the node's address (or give it with --public-url): {path}");
    }
}
