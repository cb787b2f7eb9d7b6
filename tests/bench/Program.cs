using Mithi.Bench;
using Mithi.Bench.Helpdesk;
using Mithi.Kernel.Data;

switch (args)
{
    case []:
        await NodeBench.RunAsync();
        return 0;
    case ["helpdesk", "fossil"]:
        await HelpdeskBench.BesideFossilAsync();
        return 0;
    case ["helpdesk", var engine, var tickets, .. var kept] when kept.Length < 2 && Enum.TryParse<DbEngine>(engine, ignoreCase: true, out var db) && int.TryParse(tickets, out var count) && count > 0:
        await HelpdeskBench.RunAsync(db, count, kept.FirstOrDefault());
        return 0;
    default:
        Console.Error.WriteLine("Mithi.Bench\nMithi.Bench helpdesk fossil\nMithi.Bench helpdesk sqlite|postgres TICKETS [FOLDER]");
        return 2;
}
