using System.CommandLine;
using Mithi.Appliance.Commands;
using Mithi.Cli;

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
    VersionCommand.Build(),
};
return await CommandLine.RunAsync(root, args);
