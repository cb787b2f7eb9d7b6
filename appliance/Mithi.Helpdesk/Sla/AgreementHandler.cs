using Mithi.Kernel.Data;
using Mithi.Kernel.Jobs;
using Mithi.Kernel.People;

namespace Mithi.Helpdesk.Sla;

/// <summary>A customer's agreements changed: its tickets count by the new ones from then on, and what they used stays used.</summary>
/// <remarks>Of several that run, the one that ends last rules. The end itself needs no message: it is in the contract.</remarks>
internal sealed class AgreementHandler(Db db, ClockStore clocks) : IOutboxHandler
{
    public string Topic => AgreementsChanged.Topic;

    public string Name => "helpdesk.agreements";

    public async Task HandleAsync(OutboxMessage message, CancellationToken ct)
    {
        var told = message.Read<AgreementsChanged>();
        var ruling = Agreement.Ruling(told.Agreements, told.At);
        await db.WriteAsync(tx => ContractStore.AddAsync(tx, told.OrganisationId, told.At, ruling, message.Key), ct);
        // Again after each kill: a due time is a cache, so writing it twice is as once.
        await clocks.RefreshAsync(told.OrganisationId, ct);
    }
}
