using Mithi.Kernel.Audit;
using Mithi.Kernel.Data;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using NodaTime;

namespace Mithi.Testing;

/// <summary>People for a node that runs as a program of its own.</summary>
public static class Seed
{
    /// <summary>Opens the first-run link and answers a browser that is signed in.</summary>
    public static async Task<TestBrowser> AdministratorAsync(PublishedNode node)
    {
        var link = new Uri(await node.FirstRunLinkAsync()).AbsolutePath;
        var browser = new TestBrowser(node.Url);
        using var made = await browser.PostAsync(link, new Dictionary<string, string>
        {
            ["organisation"] = "Vendor", ["zone"] = "Asia/Kolkata", ["name"] = "Asha", ["email"] = "asha@vendor.test",
            ["password"] = "four words in mind", ["again"] = "four words in mind",
        }, from: link);
        return (int)made.StatusCode == 303 ? browser : throw new InvalidOperationException(await made.Content.ReadAsStringAsync());
    }

    /// <summary>Makes a customer's user beside the node, by its data folder, and answers a token of his.</summary>
    public static async Task<string> CustomerTokenAsync(string data)
    {
        using var folder = DataFolder.Join(data);
        await using var db = new Db(DbOptions.Sqlite(folder.Database));
        var audit = new AuditLog(db, new NodeKeys(folder), TimeProvider.System);
        var now = TimeProvider.System.GetCurrentInstant();
        await PersonTasks.CreateAsync(db, audit, "Customer", Role.CustomerUser, "Meena", "meena@customer.test", now, CancellationToken.None);
        var meena = (await PersonTasks.ListAsync(db, CancellationToken.None)).Single(p => p.Email == "meena@customer.test");
        return (await new TokenStore(db, audit).AddAsync(meena.Id, "test", [], Duration.FromDays(1), now, CancellationToken.None))!.Text;
    }
}
