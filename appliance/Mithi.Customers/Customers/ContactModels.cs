using Mithi.Kernel.Mail;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;

namespace Mithi.Customers.Customers;

/// <summary>Whom one talks to at a customer.</summary>
/// <param name="States">What is wrong with an address, by the address; for those who serve.</param>
public sealed record ContactsModel(Organisation Organisation, IReadOnlyList<Contact> Contacts, IReadOnlyDictionary<string, AddressState> States)
{
    public static string Of(AddressFault fault) => fault switch
    {
        AddressFault.SoftBounce => "came back {0} times",
        AddressFault.HardBounce => "nobody has this address",
        AddressFault.OptOut => "wants no automatic mail",
        _ => "reported our mail as abuse",
    };
}

/// <param name="Id">Null for a new one.</param>
public sealed record ContactModel(Organisation Organisation, ContactId? Id, ContactForm Form, FormErrors? Errors);
