using Mithi.Kernel.People;

namespace Mithi.Customers.Customers;

/// <summary>Who may change what of a customer that he sees.</summary>
public static class CustomerRights
{
    /// <summary>Contracts are the node's: a partner must not give its customers what the vendor did not sell.</summary>
    public static bool MaySell(CurrentPerson me) => me.ScopeOf(Permission.CustomerManage) == Scope.All;

    /// <summary>Setup documents are written by those who serve: the staff, and the customer's partner.</summary>
    /// <remarks>They are notes of the house on a customer, so staff need what notes need; a token that may only read writes none.</remarks>
    public static bool MayWriteSetup(CurrentPerson me) => me.May(Permission.CustomerRead)
        && (me.May(Permission.CustomerManage) || (me.IsStaff && me.May(Permission.TicketNote)));
}
