using System.CommandLine;
using Mithi.Appliance.Commands;
using Mithi.Cli;
using Mithi.Kernel.Data;

// Customers' mail and keys lie in what this program writes: nobody else on the machine reads it, whoever started us and how.
FileMask.OwnerOnly();

var root = new RootCommand("The support node: helpdesk, manuals, downloads, customers and their servers.")
{
    ServeCommand.Build(),
    MigrateCommand.Build(),
    PersonCommand.Build(),
    AuditCommand.Build(),
    RebuildCommand.Build(),
    BackupCommand.Build(),
    RestoreCommand.Build(),
    DoctorCommand.Build(),
    MailInCommand.Build(),
    ImportCommand.Build(),
    VersionCommand.Build(),
};
return await CommandLine.RunAsync(root, args);
