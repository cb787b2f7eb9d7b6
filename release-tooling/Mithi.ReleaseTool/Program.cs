using Mithi.Cli;
using Mithi.ReleaseTool.Commands;

return await CommandLine.RunAsync(ReleaseCommands.Build(), args);
