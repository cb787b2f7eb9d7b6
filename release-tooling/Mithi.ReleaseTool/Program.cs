using System.CommandLine;
using Mithi.Cli;
using Mithi.ReleaseTool.Commands;

var root = new RootCommand("Packages, signs and publishes releases.")
{
    KeysCommand.Build(),
    SignCommand.Build(),
    TufCommand.Build(),
};
return await CommandLine.RunAsync(root, args);
