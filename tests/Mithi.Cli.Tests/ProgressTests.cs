using Xunit;

namespace Mithi.Cli.Tests;

public sealed class ProgressTests
{
    [Fact]
    public void A_redirected_line_is_plain_and_once_a_tenth()
    {
        var to = new StringWriter { NewLine = "\n" };
        using (var progress = new Progress(to, terminal: false, TimeProvider.System))
            for (var i = 0; i <= 1000; i++) progress.Report("Reading", i, 1000);
        var lines = to.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(11, lines.Length);
        Assert.Equal("Reading  0 %", lines[0]);
        Assert.Equal("Reading  100 %", lines[^1]);
        Assert.DoesNotContain('\r', to.ToString());
    }

    [Fact]
    public void A_terminal_line_is_redrawn_and_ended()
    {
        var to = new StringWriter { NewLine = "\n" };
        using (var progress = new Progress(to, terminal: true, TimeProvider.System))
        {
            progress.Report("Reading", 0, 10);
            progress.Report("Reading", 10, 10);
            progress.Say("Done reading.");
        }
        Assert.Equal("\rReading  0 %\rReading  100 %\nDone reading.\n", to.ToString());
    }

    [Fact]
    public void Nothing_to_do_is_done()
    {
        var to = new StringWriter { NewLine = "\n" };
        using (var progress = new Progress(to, terminal: false, TimeProvider.System)) progress.Report("Reading", 0, 0);
        Assert.Equal("Reading  100 %\n", to.ToString());
    }
}
