using Mithi.Protocol.Messages;
using Mithi.Site.Ask;
using Mithi.Site.Journals;
using Mithi.Site.Plan;
using Xunit;
using static Mithi.Site.Tests.Machines;

namespace Mithi.Site.Tests.Plan;

public sealed class InstallPlanTests
{
    [Fact]
    public void The_only_blank_disk_is_taken()
    {
        var plan = InstallPlan.For("p1", With(Disk("QM1")), Sheet);

        Assert.Empty(plan.Faults);
        Assert.Equal("QM1", plan.Disk!.Serial);
        Assert.False(plan.NeedsConfirmation);
        Assert.Null(plan.ToProposal().Destroys);
    }

    [Fact]
    public void The_same_facts_and_sheet_give_the_same_plan_to_the_last_byte()
    {
        var (one, two) = (InstallPlan.For("p1", With(Disk("QM1")), Sheet), InstallPlan.For("p1", With(Disk("QM1")), Sheet));

        Assert.Equal(one.Digest, two.Digest);
        Assert.Equal(one.Layout!.ToScript(), two.Layout!.ToScript());
        Assert.NotEqual(one.Digest, InstallPlan.For("p2", With(Disk("QM1")), Sheet).Digest);
        Assert.NotEqual(one.Digest, InstallPlan.For("p1", With(Disk("QM1")), Sheet with { HostName = "mx" }).Digest);
        Assert.NotEqual(one.Digest, InstallPlan.For("p1", With(Disk("QM2")), Sheet).Digest);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_removable_disk_and_the_medium_are_never_candidates(bool removable, bool medium)
    {
        var disk = Disk("STICK", removable: removable, medium: medium);

        Assert.Equal([Faults.NoDisk], InstallPlan.For("p1", With(disk), Sheet).Faults.Select(fault => fault.Fault));
        Assert.Equal([Faults.NoDisk], InstallPlan.For("p1", With(disk), Sheet with { DiskSerial = "STICK" }).Faults.Select(f => f.Fault));
        Assert.StartsWith("never", InstallPlan.For("p1", With(disk), Sheet).Choices[0].Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_without_a_serial_number_can_not_be_named_and_is_not_taken()
        => Assert.Equal([Faults.NoDisk], InstallPlan.For("p1", With(Disk("")), Sheet).Faults.Select(fault => fault.Fault));

    [Fact]
    public void A_disk_with_something_on_it_is_refused()
    {
        var plan = InstallPlan.For("p1", With(Disk("QM1", content: "a file system (NTFS)")), Sheet);

        Assert.Equal(Faults.NotBlank, Assert.Single(plan.Faults).Fault);
        Assert.Null(plan.Disk);
        Assert.Contains("CANNOT: PLAN-04", plan.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_with_something_on_it_is_refused_also_when_it_is_named()
    {
        var plan = InstallPlan.For("p1", With(Disk("QM1", content: "partitions (GPT)")), Sheet with { DiskSerial = "QM1" });

        Assert.Equal(Faults.NotBlank, Assert.Single(plan.Faults).Fault);
    }

    [Fact]
    public void A_disk_with_something_on_it_needs_the_sheets_word_and_the_operators_hand()
    {
        var facts = With(Disk("WD-4711ABCD", content: "partitions (MBR)"));
        var plan = InstallPlan.For("p1", facts, Sheet with { MayDestroy = "data on WD-4711ABCD" });

        Assert.Empty(plan.Faults);
        Assert.True(plan.NeedsConfirmation);
        Assert.Equal("ABCD", InstallPlan.Confirmation(plan.Disk!));
        Assert.Equal("data on WD-4711ABCD", plan.ToProposal().Destroys);
        Assert.Contains("ERASE", plan.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_word_for_one_installation_does_not_cover_another()
    {
        var disk = Disk("QM1", content: "Mithi installation abc", installation: "abc");

        Assert.NotEmpty(InstallPlan.For("p1", With(disk), Sheet with { MayDestroy = "xyz" }).Faults);
        Assert.NotEmpty(InstallPlan.For("p1", With(disk), Sheet with { MayDestroy = "data on QM1" }).Faults);
        Assert.Empty(InstallPlan.For("p1", With(disk), Sheet with { MayDestroy = "abc" }).Faults);
    }

    [Fact]
    public void Two_blank_disks_are_a_question_and_not_a_guess()
    {
        var facts = With(Disk("QM1", name: "vda"), Disk("QM2", name: "vdb"));

        Assert.Equal(Faults.WhichDisk, Assert.Single(InstallPlan.For("p1", facts, Sheet).Faults).Fault);
        Assert.Equal("QM2", InstallPlan.For("p1", facts, Sheet with { DiskSerial = "QM2" }).Disk!.Serial);
    }

    [Fact]
    public void A_named_disk_that_is_absent_is_not_replaced_by_another()
    {
        var plan = InstallPlan.For("p1", With(Disk("QM1")), Sheet with { DiskSerial = "QM9" });

        Assert.Equal(Faults.DiskAbsent, Assert.Single(plan.Faults).Fault);
        Assert.Null(plan.Disk);
    }

    [Fact]
    public void A_disk_that_is_too_small_is_refused()
    {
        var plan = InstallPlan.For("p1", With(Disk("QM1", 4 * Gib)), Sheet);

        Assert.Equal(Faults.DiskSmall, Assert.Single(plan.Faults).Fault);
        Assert.Null(plan.Layout);
    }

    [Fact]
    public void Too_little_memory_is_refused()
        => Assert.Equal(Faults.Memory, Assert.Single(InstallPlan.For("p1", With(Disk("QM1")) with { MemoryBytes = 100 << 20 }, Sheet).Faults).Fault);

    [Theory]
    [InlineData("mail;reboot", "asha.example")]
    [InlineData("../etc", "asha.example")]
    [InlineData("mail", "asha example")]
    [InlineData("mail", "asha.example\nroot::0:0")]
    [InlineData("", "asha.example")]
    public void A_sheet_whose_names_are_none_is_refused(string host, string domain)
        => Assert.Throws<FaultException>(() => InstallPlan.For("p1", With(Disk("QM1")), Sheet with { HostName = host, Domain = domain }));

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("Asia/Kolkata\n")]
    public void A_time_zone_that_leads_elsewhere_is_refused(string zone)
        => Assert.Throws<FaultException>(() => InstallPlan.For("p1", With(Disk("QM1")), Sheet with { TimeZone = zone }));

    [Theory]
    [InlineData("bridge", null, null, null)]
    [InlineData("dhcp", "52:54:00:12:34:56\n[Route]", null, null)]
    [InlineData("static", null, "10.0.0.5", "10.0.0.1")]
    [InlineData("static", null, "10.0.0.5/33", "10.0.0.1")]
    [InlineData("static", null, "10.0.0.5/24", "gateway")]
    public void A_network_that_is_none_is_refused(string mode, string? mac, string? address, string? gateway)
        => Assert.Throws<FaultException>(() => InstallPlan.For(
            "p1", With(Disk("QM1")), Sheet with { Network = new NetworkSheet(mode, mac, address, gateway, []) }));

    [Theory]
    [InlineData("asha rao", "$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.")]
    [InlineData("asha", "secret")]
    [InlineData("asha\nroot", "$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.")]
    public void A_mailbox_that_is_none_is_refused(string name, string hash)
        => Assert.Throws<FaultException>(() => InstallPlan.For(
            "p1", With(Disk("QM1")), Sheet with { Mailboxes = [new MailboxSheet(name, "", hash)] }));

    [Theory]
    [InlineData("../mail", "1.0.0")]
    [InlineData("mithi-mail", "1.0.0/../../x")]
    public void A_release_whose_name_leads_elsewhere_is_refused(string product, string version)
        => Assert.Throws<FaultException>(() => InstallPlan.For("p1", With(Disk("QM1")), Sheet with { Product = product, Version = version }));

    [Theory]
    [InlineData(8)]
    [InlineData(40)]
    [InlineData(2000)]
    public void The_partitions_fill_the_disk_and_the_journal_is_where_it_is_looked_for(long gib)
    {
        var layout = DiskLayout.For("p1", gib * Gib);
        var before = 1 + layout.Partitions.TakeWhile(partition => partition.Name != JournalPartition.Name).Sum(partition => partition.Mib);

        Assert.Equal(JournalPartition.Offset, before << 20);
        Assert.Equal(gib * 1024, layout.Partitions.Sum(partition => partition.Mib) + 2);
        Assert.All(layout.Partitions, partition => Assert.True(partition.Mib > 0));
        Assert.Equal(6, layout.Partitions.Select(partition => partition.PartitionId).Distinct().Count());
        Assert.Equal(layout.Partitions[3].Mib, layout.Partitions[4].Mib);
    }

    [Fact]
    public void The_dry_run_names_the_disk_its_parts_and_the_releases()
    {
        var text = InstallPlan.For("p1", With(Disk("QM1")), Sheet).Describe();

        Assert.Contains("Disk QM1", text, StringComparison.Ordinal);
        Assert.Contains("mithi-root-a", text, StringComparison.Ordinal);
        Assert.Contains("mithi-os 1.0.0", text, StringComparison.Ordinal);
        Assert.Contains("mithi-mail 1.0.0", text, StringComparison.Ordinal);
        Assert.Contains("mail.asha-textiles.example", text, StringComparison.Ordinal);
    }
}
