using System.CommandLine;
using Mithi.Cli;
using Mithi.Helpdesk.Import;

namespace Mithi.Appliance.Commands;

/// <summary>mithi import: tickets of another helpdesk, from its mailboxes or from what an exporter wrote. The node may be running.</summary>
internal static class ImportCommand
{
    private static readonly Argument<string> From = new("from") { Description = "A file or a folder." };
    private static readonly Option<string> Source = new("--source") { Required = true, Description = "A name for the other helpdesk, the same in every run: by it and their keys tickets are known again." };
    private static readonly Option<string[]> Ours = new("--ours") { Description = "An address, or @domain, whose mails are our answers; repeat it for several.", DefaultValueFactory = _ => [] };
    private static readonly Option<ImportedClocks> Clocks = new("--clocks") { Description = "Whose promises are counted.", DefaultValueFactory = _ => ImportedClocks.Open };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Reads everything, says what would come over, and writes nothing but the list." };
    private static readonly Option<string> LeftOut = new("--left-out") { Description = "Where the list of what was not taken over is written, as CSV.", DefaultValueFactory = _ => "import-left-out.csv" };

    public static Command Build() => new("import", "Brings tickets of another helpdesk over. A second run takes in only what is new.")
    {
        With(new Command("mail", "From an mbox file, a folder of .eml files, or a Maildir."), (import, from, options, report, progress, ct) => import.MailAsync(Place(from), options, report, progress, ct)),
        With(new Command("json", "From JSON Lines; the reference manual says how they are written."), (import, from, options, report, progress, ct) => Place(from) is FileInfo file
            ? import.JsonAsync(file, options, report, progress, ct) : throw new UserException($"{from} is a folder.", "Name the file of JSON Lines in it.")),
    };

    private static Command With(Command command, Func<TicketImport, string, ImportOptions, ImportReport, IProgress<(long, long)>, CancellationToken, Task> run)
    {
        command.Arguments.Add(From);
        foreach (var option in (Option[])[Source, Ours, Clocks, DryRun, LeftOut]) command.Options.Add(option);
        NodeArguments.AddTo(command);
        command.SetAction((args, ct) => RunAsync(args, run, ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult args, Func<TicketImport, string, ImportOptions, ImportReport, IProgress<(long, long)>, CancellationToken, Task> run, CancellationToken ct)
    {
        var options = new ImportOptions(args.GetRequiredValue(Source), args.GetRequiredValue(Ours), args.GetValue(Clocks), args.GetValue(DryRun));
        var list = args.GetRequiredValue(LeftOut);
        await using var node = await NodeArguments.JoinAsync(args, ct);
        using var report = new ImportReport(Open(list));
        using (var progress = Progress.ForConsole(TimeProvider.System))
            await Faults.ExplainAsync(() => run(node.Get<TicketImport>(), args.GetRequiredValue(From), options, report, new Told(progress), ct));
        Console.WriteLine($"{(options.DryRun ? "Would bring" : "Brought")} over: {report.Tickets} tickets, {report.Entries} entries, {report.Files} files, {report.Organisations} organisations, {report.People} people.");
        if (report.Continued > 0) Console.WriteLine($"Went on with: {report.Continued} tickets of earlier runs.");
        if (report.Known > 0) Console.WriteLine($"There already: {report.Known}.");
        Console.WriteLine(report.LeftOut == 0 ? "Nothing was left out." : $"Left out or changed: {report.LeftOut}, listed in {Path.GetFullPath(list)}.");
        return ExitCode.Done;
    }

    private static StreamWriter Open(string list)
    {
        try
        {
            return new(list) { AutoFlush = true };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"{list} can't be written: {e.Message}", "Name another place with --left-out.", e);
        }
    }

    private static FileSystemInfo Place(string from) => File.Exists(from) ? new FileInfo(from) : Directory.Exists(from) ? new DirectoryInfo(from)
        : throw new UserException($"{from} is not there.", "Name an mbox file, a folder of mails, or a file of JSON Lines.");

    // Progress<T> of the library tells from another thread, and may tell the end before the middle.
    private sealed class Told(Progress progress) : IProgress<(long Done, long Total)>
    {
        public void Report((long Done, long Total) value) => progress.Report("Importing", value.Done, value.Total);
    }
}
