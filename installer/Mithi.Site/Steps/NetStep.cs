using Mithi.Cli;
using Mithi.Site.Ask;
using Mithi.Site.Plan;

namespace Mithi.Site.Steps;

/// <summary>NET: every card asks for an address at once; the first answer is enough to go on.</summary>
internal sealed class NetStep : InstallStep, IAsyncDisposable
{
    private readonly Dictionary<string, Proc> _clients = [];
    private readonly TaskCompletionSource _up = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override Stage Stage => Stage.Net;

    /// <summary>Ends once a card has an address.</summary>
    public Task UpAsync(CancellationToken ct) => _up.Task.WaitAsync(ct);

    // An address is good for one start, whatever an earlier one wrote into the journal.
    public override Task<bool> IsStillDoneAsync(Installation on, CancellationToken ct) => Task.FromResult(_up.Task.IsCompleted);

    public override async Task DoAsync(Installation on, StepProgress progress, CancellationToken ct)
    {
        var cards = on.Machine.Cards();
        if (cards.Count == 0) throw new FaultException(Faults.NoCard, "no Ethernet card");
        foreach (var card in cards)
        {
            if (_clients.TryGetValue(card.Mac, out var running) && !running.HasEnded) continue;
            await Tool.RunAsync(Faults.NoCard, "ip", ["link", "set", card.Name, "up"], ct);
            // It stays and renews the lease for as long as the installation takes.
            _clients[card.Mac] = Proc.Start("udhcpc",
                ["-f", "-i", card.Name, "-t", "5", "-T", "2", "-A", "3", "-s", "/etc/udhcpc/default.script"]);
        }
        using var bound = new CancellationTokenSource(Limits.LeaseMax, on.Time);
        while (!on.Machine.Cards().Any(card => card.Addresses.Count > 0))
        {
            if (bound.IsCancellationRequested)
                throw on.Machine.Cards().Any(card => card.Carrier)
                    ? new FaultException(Faults.NoLease, string.Join(", ", cards.Select(card => $"{card.Name} {card.Mac}")))
                    : new FaultException(Faults.NoLink, string.Join(", ", cards.Select(card => $"{card.Name} {card.Mac}")));
            await Task.Delay(Limits.LookAgain, on.Time, ct);
        }
        _up.TrySetResult();
        on.Facts = on.Facts with { Networks = on.Machine.Cards() };
        on.Link.Show(new Protocol.Messages.FactsMessage(on.Facts));
        foreach (var card in on.Facts.Networks)
            on.Log.Info(Stage.Name(), $"{card.Name} {card.Mac} {card.Driver}: {string.Join(' ', card.Addresses)} by {card.Gateway}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values) await client.DisposeAsync();
    }
}
