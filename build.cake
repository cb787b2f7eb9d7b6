// Every job of the repository by name: dotnet cake --target=Run
// Tasks are flat; what a task needs, it says with IsDependentOn.

using System.Diagnostics;
using System.Xml.Linq;

var target = Argument("target", "Test");
var configuration = Argument("configuration", "Release");
var artifacts = MakeAbsolute(Directory("artifacts")).FullPath;
const string Solution = "Mithi.Appliance.sln";

// The machine's part of the tests is long; it comes last, and by name it runs alone.
string[] suites =
[
    "Mithi.Tidy.Tests", "Mithi.Cli.Tests", "Mithi.Archive.Tests", "Mithi.Trust.Tests", "Mithi.Protocol.Tests",
    "Mithi.Kernel.Tests", "Mithi.Helpdesk.Tests", "Mithi.Wiki.Tests", "Mithi.Downloads.Tests", "Mithi.Customers.Tests",
    "Mithi.Fleet.Tests", "Mithi.Node.Tests", "Mithi.ReleaseTool.Tests", "Mithi.Site.Tests", "Mithi.Appliance.Tests",
    "Mithi.Scenarios.Tests", "browser", "machine",
];

Task("Build")
    .Description("Compiles everything; a warning is an error.")
    .Does(() => DotNetBuild(Solution, new DotNetBuildSettings { Configuration = configuration, NoLogo = true, Verbosity = DotNetVerbosity.Quiet }));

Task("Run")
    .Description("A node with sample data on embedded storage, on loopback; prints a one-time link.")
    .Does(() =>
    {
        DotNetBuild("appliance/Mithi.Appliance", new DotNetBuildSettings { Configuration = configuration, NoLogo = true, Verbosity = DotNetVerbosity.Quiet });
        var data = Argument("data", $"{artifacts}/run");
        Exec($"appliance/Mithi.Appliance/bin/{configuration}/net10.0/mithi", $"serve --sample --data {data}");
    });

Task("Packages")
    .Description("Installs the Debian packages that tests and media need, where they are missing.")
    .Does(() =>
    {
        Install("tests/debian-packages", "installer/boot-image/packages.host");
    });

Task("Publish")
    .Description("The three programs as they are shipped: artifacts/mithi, mithi-release, mithi-site.")
    .IsDependentOn("Packages")
    .Does(() =>
    {
        foreach (var (project, name) in new[]
        {
            ("appliance/Mithi.Appliance", "mithi"), ("release-tooling/Mithi.ReleaseTool", "mithi-release"), ("installer/Mithi.Site", "mithi-site"),
        })
        {
            DotNetPublish(project, new DotNetPublishSettings
            {
                Configuration = "Release", Runtime = "linux-x64", SelfContained = true, NoLogo = true, Verbosity = DotNetVerbosity.Quiet,
                OutputDirectory = $"{artifacts}/{name}",
            });
        }
    });

Task("Test")
    .Description("Everything that CI runs; ends with one line of counts.")
    .IsDependentOn("Packages")
    .IsDependentOn("Build")
    .IsDependentOn("Publish")
    .Does(() => RunSuites(suites));

Task("Tidy")
    .Description("The repository's tests of itself.")
    .IsDependentOn("Build")
    .Does(() => RunSuites(["Mithi.Tidy.Tests"]));

Task("Browser")
    .Description("Pages in Chromium.")
    .IsDependentOn("Packages")
    .IsDependentOn("Build")
    .Does(() => RunSuites(["browser"]));

Task("Machine")
    .Description("Virtual machines: boot medium, installation, the story.")
    .IsDependentOn("Packages")
    .IsDependentOn("Build")
    .IsDependentOn("Publish")
    .Does(() => RunSuites(["machine"]));

Task("Story")
    .Description("One patch through the whole house: ticket, release, bare machine, patch, rollback, patch.")
    .IsDependentOn("Packages")
    .IsDependentOn("Build")
    .IsDependentOn("Publish")
    .Does(() => RunSuites(["machine"], "-class *StoryTests"));

Task("Bench")
    .Description("What the published node costs: start, size, memory, pages a second, beside a peer; --bench=\"helpdesk fossil\" or \"helpdesk sqlite 1000000\" for many tickets. Needs a quiet machine.")
    .IsDependentOn("Publish")
    .Does(() =>
    {
        Install("tests/bench/debian-packages");
        Environment.SetEnvironmentVariable("MITHI_ARTIFACTS", artifacts);
        DotNetBuild("tests/bench", new DotNetBuildSettings { Configuration = configuration, NoLogo = true, Verbosity = DotNetVerbosity.Quiet });
        Exec($"tests/bench/bin/{configuration}/net10.0/Mithi.Bench", Argument("bench", ""));
    });

RunTarget(target);

// Runs test programs one after another and prints the sum; fails when a test failed or a program did not finish.
void RunSuites(IEnumerable<string> names, string filter = "")
{
    var (passed, failed, skipped) = (0, 0, 0);
    var broken = new List<string>();
    System.IO.Directory.CreateDirectory($"{artifacts}/tests");
    Environment.SetEnvironmentVariable("MITHI_ARTIFACTS", artifacts);
    foreach (var name in names)
    {
        var project = GetFiles($"tests/{name}/*.csproj").Single();
        var program = $"tests/{name}/bin/{configuration}/net10.0/{project.GetFilenameWithoutExtension()}";
        var report = $"{artifacts}/tests/{name}.xml";
        if (System.IO.File.Exists(report)) System.IO.File.Delete(report);
        var clock = Stopwatch.StartNew();
        var exit = StartProcess(program, new ProcessSettings { Arguments = $"{filter} -result-xml {report} -noColor" });
        if (System.IO.File.Exists(report))
        {
            foreach (var assembly in XDocument.Load(report).Descendants("assembly"))
            {
                passed += (int)assembly.Attribute("passed");
                failed += (int)assembly.Attribute("failed") + (int)assembly.Attribute("errors");
                skipped += (int)assembly.Attribute("skipped") + (int)assembly.Attribute("not-run");
            }
        }
        if (exit != 0) broken.Add(name);
        Information($"{name}: exit {exit}, {clock.Elapsed.TotalSeconds:0} s");
    }
    foreach (var name in broken) Error($"{name} failed");
    Console.WriteLine($"{passed} passed, {failed} failed, {skipped} skipped");
    // Leaving here keeps the counts the last line; an exception would print itself behind them.
    if (broken.Count > 0 || failed > 0) Environment.Exit(1);
}

// Debian packages that are named in files, one a line, and are not there yet.
void Install(params string[] lists)
{
    var missing = lists.SelectMany(System.IO.File.ReadAllLines).Where(l => l.Length > 0 && !l.StartsWith('#')).Distinct()
        .Where(p => !IsInstalled(p)).ToArray();
    if (missing.Length == 0) return;
    Information($"Installing {string.Join(' ', missing)}");
    Environment.SetEnvironmentVariable("DEBIAN_FRONTEND", "noninteractive");
    Exec("apt-get", "-q update");
    Exec("apt-get", $"-q install -y --no-install-recommends {string.Join(' ', missing)}");
}

bool IsInstalled(string package) => StartProcess("dpkg-query", new ProcessSettings
{
    Arguments = $"-W -f ${{Status}} {package}", RedirectStandardOutput = true, RedirectStandardError = true, Silent = true,
}, out var lines, out _) == 0 && lines.Any(l => l.StartsWith("install ok"));

void Exec(string program, string arguments)
{
    var exit = StartProcess(program, new ProcessSettings { Arguments = arguments });
    if (exit != 0) throw new CakeException(exit, $"{program} ended with {exit}.");
}
