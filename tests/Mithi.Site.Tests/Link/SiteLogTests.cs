using Mithi.Site.Link;
using Xunit;

namespace Mithi.Site.Tests.Link;

public sealed class SiteLogTests
{
    private readonly SiteLog _log = new(TimeProvider.System);

    [Fact]
    public void Nothing_is_sent_before_the_node_said_what_it_has()
    {
        _log.Info("NET", "begins");

        Assert.Empty(_log.TakeUnsent());
    }

    [Fact]
    public void What_was_said_before_the_connection_follows_what_the_node_has()
    {
        _log.Info("NET", "begins");
        _log.Info("NET", "done");
        _log.StartAfter(41);
        _log.Info("NODE", "done");

        Assert.Equal([(42L, "begins"), (43L, "done"), (44L, "done")], _log.TakeUnsent().Select(entry => (entry.Number, entry.Text)));
        Assert.Empty(_log.TakeUnsent());
    }

    [Fact]
    public void What_was_not_acknowledged_is_sent_again_on_the_next_connection()
    {
        _log.StartAfter(0);
        _log.Info("", "one");
        _log.Info("", "two");
        Assert.Equal(2, _log.TakeUnsent().Count);
        _log.StartAfter(1);

        Assert.Equal(["two"], _log.TakeUnsent().Select(entry => entry.Text));
    }

    [Fact]
    public void A_log_that_nobody_fetches_stays_bounded()
    {
        for (var i = 0; i < Limits.LogEntriesMax + 500; i++) _log.Info("", $"{i}");
        _log.StartAfter(0);

        var first = _log.TakeUnsent();
        Assert.Equal(Limits.LogEntriesAtOnce, first.Count);
        Assert.Equal("500", first[0].Text);
    }

    [Fact]
    public void A_line_is_one_line_and_not_longer_than_allowed()
    {
        _log.StartAfter(0);
        _log.Info("", "a\r\nb\n" + new string('x', 10_000));

        var text = Assert.Single(_log.TakeUnsent()).Text;
        Assert.StartsWith("a b ", text, StringComparison.Ordinal);
        Assert.Equal(Limits.LogLineCharsMax, text.Length);
    }
}
