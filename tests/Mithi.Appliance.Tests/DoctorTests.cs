using System.IO.Pipelines;
using Microsoft.Extensions.DependencyInjection;
using Mithi.Appliance.Commands;
using Mithi.Kernel.Blobs;
using Mithi.Testing;
using Xunit;

namespace Mithi.Appliance.Tests;

/// <summary>The doctor looks at a running node from another process, so he may touch nothing.</summary>
public sealed class DoctorTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_upload_that_is_under_way_outlives_the_doctor()
    {
        await using var house = await TestAppliance.StartAsync();
        var upload = new Pipe();
        var put = house.Get<BlobStore>().PutAsync(upload.Reader.AsStream(), 1 << 20, Ct);
        await upload.Writer.WriteAsync(new byte[100_000], Ct);
        while (Directory.GetFiles(Path.Join(house.Folder.Blobs, "arriving")) is not [_]) await Task.Yield();

        await DoctorCommand.Build().Parse(["--data", house.Folder.Root]).InvokeAsync(cancellationToken: Ct);

        await upload.Writer.WriteAsync(new byte[100_000], Ct);
        await upload.Writer.CompleteAsync();
        Assert.True(await house.Get<BlobStore>().IsIntactAsync((await put).Id, Ct));
    }

    [Fact]
    public async Task It_makes_no_key_and_no_file()
    {
        await using var house = await TestAppliance.StartAsync();
        await house.Db.WriteAsync(tx => house.Get<Kernel.Audit.AuditLog>().AddAsync(tx, "test", "test.do", "x"), Ct);
        foreach (var key in Directory.GetFiles(house.Folder.Keys, "*", SearchOption.AllDirectories)) File.Delete(key);
        var before = All(house.Folder.Root);
        // Without its keys a log cannot be checked, which is a fault of the node's.
        Assert.Equal(Cli.ExitCode.Failed, await DoctorCommand.Build().Parse(["--data", house.Folder.Root]).InvokeAsync(cancellationToken: Ct));
        Assert.Equal(before, All(house.Folder.Root));
    }

    private static string[] All(string folder) => [.. Directory.GetFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
