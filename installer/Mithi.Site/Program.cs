using System.CommandLine;
using Mithi.Cli;
using Mithi.Site.Apply;

var root = new RootCommand("Installs a customer's server, and keeps it.");
foreach (var command in ApplyCommands.Build()) root.Subcommands.Add(command);
return await CommandLine.RunAsync(root, args);
