using Mithi.Kernel.Data;

namespace Mithi.Kernel.People;

/// <summary>What is known of an organisation besides its name: what runs there, and what was agreed. Whoever keeps customers answers it.</summary>
public interface ICustomerRecords
{
    /// <summary>Whatever the reach: the caller has checked that its reader may see the organisation.</summary>
    Task<CustomerRecord> OfAsync(Tx tx, OrganisationId organisation);
}

/// <param name="Agreements">All that there are, also those that are over.</param>
public sealed record CustomerRecord(IReadOnlyList<InstalledProduct> Installed, IReadOnlyList<Agreement> Agreements)
{
    public static CustomerRecord Empty { get; } = new([], []);
}

/// <param name="Place">Where it runs, in words; empty when that is not known.</param>
public sealed record InstalledProduct(string Product, string Version, string Place);
