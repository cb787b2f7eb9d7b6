using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mithi.Archive;
using Mithi.Protocol.Commands;
using Mithi.Protocol.Messages;
using Mithi.Site.Apply;
using Mithi.Site.Ask;

namespace Mithi.Site.Agent;

/// <summary>The orders that were taken, on the disk: none is taken twice, and each is answered, whatever happens in between.</summary>
/// <remarks>
/// The counter alone would make a replayed order refused and its answer lost with the process that had taken it: the node
/// would wait for it, and keep other orders back, until its time is over. Reference, section 5.
/// </remarks>
internal sealed class OrderBook
{
    /// <summary>Beside the counter that the installer left.</summary>
    public const string FileName = "orders.json";

    private readonly string _path;
    private readonly Lock _gate = new();
    private OrderBookPage _page;

    private OrderBook(string path, OrderBookPage page) => (_path, _page) = (path, page);

    /// <summary>The highest counter of an order that was taken.</summary>
    public long Counter
    {
        get { lock (_gate) return _page.Counter; }
    }

    /// <summary>The answers of the last orders, the oldest first.</summary>
    public IReadOnlyList<ResultMessage> Answers
    {
        get { lock (_gate) return [.. _page.Orders.Select(order => order.Answer).OfType<ResultMessage>()]; }
    }

    /// <exception cref="IOException">It is there and can't be read.</exception>
    /// <exception cref="FormatException">It is there and is none.</exception>
    public static OrderBook Open(string folder)
    {
        var path = Path.Join(folder, FileName);
        try
        {
            return new(path, File.Exists(path)
                ? JsonSerializer.Deserialize(File.ReadAllBytes(path), OrderBookJson.Default.OrderBookPage) ?? throw new FormatException($"{path} is empty.")
                : new(long.Parse(File.ReadAllText(Path.Join(folder, AgentState.CounterFile)), CultureInfo.InvariantCulture), []));
        }
        catch (JsonException e)
        {
            throw new FormatException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>An order came and counts as taken when this returns.</summary>
    public void Take(Command command)
        => Write(page => new(command.Counter, [.. page.Orders.TakeLast(Limits.OrdersKept - 1), new(command.Id, Kind(command.Order), null, null)]));

    /// <summary>Its work begins.</summary>
    public void Begin(Command command, DateTimeOffset now)
        => Change(command.Id, order => order with { BegunAt = now.ToUnixTimeMilliseconds() });

    /// <summary>How it ended; the first answer stays.</summary>
    public void Answer(ResultMessage answer) => Change(answer.CommandId, order => order with { Answer = order.Answer ?? answer });

    /// <summary>Answers what an earlier process took and left open. To be called before new orders are carried out.</summary>
    /// <param name="product">Its journal knows what became of an update; an interrupted one was taken up before.</param>
    public void Settle(ProductFolder product)
    {
        var last = ApplyJournal.Read(product.JournalFile) is [.., var newest] ? newest : null;
        IReadOnlyList<OpenOrder> open;
        lock (_gate) open = [.. _page.Orders.Where(order => order.Answer is null)];
        foreach (var order in open)
        {
            var result = order is { Kind: nameof(ApplyRelease) or nameof(RollBack), BegunAt: { } begun } && last is { IsEnd: true } && last.At >= begun
                ? Explain(last)
                : new UpdateResult(false, "failed", "The agent was restarted before that was done. Nothing was changed; order it again.", Faults.Apply);
            Answer(new ResultMessage(order.Id, result.Ok, result.Outcome, result.Detail, result.Fault?.Id));
        }
    }

    private static UpdateResult Explain(ApplyRecord end)
    {
        var (version, before, reason) = (end.Version, end.Previous?.ToString() ?? "nothing", end.Reason);
        return end.Step switch
        {
            ApplyStep.Committed when reason is null => new(true, "done", $"{version} runs, before it {before}. The agent was restarted meanwhile.", null),
            ApplyStep.Committed => new(false, "failed", $"{version} runs but is not healthy: {reason}", Faults.Unhealthy),
            ApplyStep.WentBack => new(false, "rolled-back", $"{version} failed: {reason} {before} runs again.", Faults.Unhealthy),
            _ => new(false, "failed", $"{version} was not applied: {reason} {before} runs as before.", Faults.Apply),
        };
    }

    private static string Kind(CommandOrder order) => order.GetType().Name;

    private void Change(string id, Func<OpenOrder, OpenOrder> change)
        => Write(page => page with { Orders = [.. page.Orders.Select(order => order.Id == id ? change(order) : order)] });

    private void Write(Func<OrderBookPage, OrderBookPage> change)
    {
        lock (_gate)
        {
            var next = change(_page);
            if (next.Counter == _page.Counter && next.Orders.SequenceEqual(_page.Orders)) return;
            DurableFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes(next, OrderBookJson.Default.OrderBookPage));
            _page = next;
        }
    }
}

/// <summary>What the file holds.</summary>
internal sealed record OrderBookPage(long Counter, IReadOnlyList<OpenOrder> Orders);

/// <summary>One order.</summary>
/// <param name="Id">As the node calls it.</param>
/// <param name="Kind">The order's type.</param>
/// <param name="BegunAt">Unix milliseconds by this machine's clock; null while it waits.</param>
/// <param name="Answer">Null until it ended.</param>
internal sealed record OpenOrder(string Id, string Kind, long? BegunAt, ResultMessage? Answer);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(OrderBookPage))]
internal sealed partial class OrderBookJson : JsonSerializerContext;
