using System.CommandLine;
using Mithi.Cli;
using Mithi.Helpdesk.Mail;
using Mithi.Kernel.Data;

namespace Mithi.Appliance.Commands;

/// <summary>mithi mail-in: one raw mail from a mail server's pipe into the node's spool. The node may be running or not.</summary>
internal static class MailInCommand
{
    // sysexits.h, which mail servers understand: one sends the mail back to its author, the other keeps it and tries again.
    private const int DataError = 65;
    private const int TryAgain = 75;

    public static Command Build()
    {
        var command = new Command("mail-in", "Takes one mail from standard input, for a mail server's pipe. 75: try again; 65: not a mail for us.")
        {
            NodeArguments.Data,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult args, CancellationToken ct)
    {
        DataFolder folder;
        try
        {
            folder = DataFolder.Join(args.GetRequiredValue(NodeArguments.Data));
        }
        catch (UserException e)
        {
            return await SayAsync(e.Message, TryAgain);
        }
        try
        {
            using var input = Console.OpenStandardInput();
            await MailIn.PutAsync(folder.Spool, input, ct);
            return ExitCode.Done;
        }
        catch (UserException e)
        {
            return await SayAsync(e.Message, DataError);
        }
        catch (Exception e)   // a full disk, a folder of another user: whatever it is, the mail must not be lost
        {
            return await SayAsync(e.Message, TryAgain);
        }
    }

    private static async Task<int> SayAsync(string message, int exitCode)
    {
        await Console.Error.WriteLineAsync(message);
        return exitCode;
    }
}
