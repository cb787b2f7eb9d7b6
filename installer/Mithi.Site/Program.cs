using System.CommandLine;
using Mithi.Cli;
using Mithi.Site;
using Mithi.Site.Agent;
using Mithi.Site.Apply;

var version = new Command("version", "Print this program's version.");
version.SetAction(_ => Console.WriteLine($"mithi-site {Versions.Own}"));
var root = new RootCommand("Installs a customer's server, and keeps it.") { InstallCommand.Create(), AgentCommand.Create(), version };
foreach (var command in ApplyCommands.Build()) root.Subcommands.Add(command);
return await CommandLine.RunAsync(root, args);
