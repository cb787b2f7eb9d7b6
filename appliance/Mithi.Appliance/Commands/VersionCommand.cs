using System.CommandLine;
using Mithi.Cli;
using Mithi.Kernel;

namespace Mithi.Appliance.Commands;

/// <summary>mithi version: which build this is.</summary>
internal static class VersionCommand
{
    public static Command Build()
    {
        var command = new Command("version", "Prints the version.");
        command.SetAction(_ =>
        {
            Console.WriteLine($"mithi {NodeOptions.Version}");
            return ExitCode.Done;
        });
        return command;
    }
}
