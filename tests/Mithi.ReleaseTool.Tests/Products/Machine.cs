using System.Text;
using Mithi.Cli;

namespace Mithi.ReleaseTool.Tests.Products;

/// <summary>Runs lines of bash in a machine of namespaces with the image as its system; <c>machine.sh</c> says what they may call.</summary>
internal static class Machine
{
    private static readonly TimeSpan RunMax = TimeSpan.FromMinutes(4);

    public static async Task<ProcResult> RunAsync(BuiltProducts products, IEnumerable<string> versions, string lines, CancellationToken ct)
    {
        var system = await products.SystemAsync(ct);
        var trees = "";
        foreach (var version in versions) trees = Path.GetDirectoryName(await products.MailServerAsync(version, ct))!;
        var prelude = await File.ReadAllTextAsync(Path.Join(AppContext.BaseDirectory, "Products", "machine.sh"), ct);
        return await Proc.RunAsync("unshare", ["--mount", "--net", "--pid", "--fork", "--kill-child", "bash"], new()
        {
            Input = Encoding.UTF8.GetBytes($"system='{system}'\ntrees='{trees}'\n{prelude}\n{lines}\nexit 0\n"),
            Timeout = RunMax,
            DebianPackage = "util-linux",
        }, ct);
    }
}
