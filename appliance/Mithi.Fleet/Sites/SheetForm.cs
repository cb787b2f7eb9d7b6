using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Mithi.Kernel.People;
using Mithi.Kernel.Web;
using Mithi.Protocol.Messages;

namespace Mithi.Fleet.Sites;

/// <summary>A site's sheet as it was typed, and what is wrong with it.</summary>
internal sealed partial record SheetForm(
    string Organisation, string Name, string HostName, string Domain, string DiskSerial, string MayDestroy, string Product, string Version,
    string OsImage, string OsVersion, string Mailboxes, string TimeZone, string Language, string Phone, int Revision)
{
    public FormErrors Errors { get; } = new();

    /// <summary>Passwords were typed and are not given back: they must be typed again.</summary>
    public bool LostPasswords { get; init; }

    public static SheetForm Empty(string organisation, string timeZone) => new(organisation, "", "mail", "", "", "", "", "", "", "", "",
        timeZone, "en", "", 0);

    public static SheetForm Of(Site site)
    {
        var sheet = site.TheSheet;
        return new(site.OrganisationId.ToString(), site.Name, sheet.HostName, sheet.Domain, sheet.DiskSerial ?? "", sheet.MayDestroy ?? "",
            sheet.Product, sheet.Version, sheet.OsImage, sheet.OsVersion,
            string.Join('\n', sheet.Mailboxes.Select(m => $"{m.Name}, {m.FullName}")), sheet.TimeZone, sheet.Language, sheet.Phone,
            site.SheetRevision);
    }

    public static SheetForm Read(IFormCollection fields)
    {
        string Of(string name) => fields[name].ToString().Trim();
        var form = new SheetForm(Of("organisation"), Of("name"), Of("host").ToLowerInvariant(), Of("domain").ToLowerInvariant(),
            Of("disk"), Of("destroy"), Of("product"), Of("version"), Of("os-image"), Of("os-version"),
            Of("mailboxes").ReplaceLineEndings("\n"), Of("zone"), Of("language"), Of("phone"), int.TryParse(Of("revision"), out var r) ? r : 0);
        form.CheckFields();
        return form;
    }

    /// <summary>The sheet, or null when something is wrong; <see cref="Errors"/> then says what.</summary>
    /// <param name="before">The sheet so far: a mailbox without a password keeps the one that it has.</param>
    /// <param name="revision">Of the new sheet.</param>
    public SiteSheet? ToSheet(SiteSheet? before, int revision)
    {
        var mailboxes = ReadMailboxes(before?.Mailboxes ?? []);
        return Errors.Any ? null : new(revision, HostName, Domain, DiskSerial.Length == 0 ? null : DiskSerial,
            new NetworkSheet("dhcp", null, null, null, []), Product, Version, OsImage, OsVersion, mailboxes, TimeZone, Language, Phone,
            MayDestroy.Length == 0 ? null : MayDestroy);
    }

    /// <summary>Passwords are never given back, so that they do not lie in a browser's history.</summary>
    public SheetForm WithoutPasswords() => this with
    {
        Mailboxes = string.Join('\n', Mailboxes.Split('\n').Select(l => string.Join(", ", l.Split(',', 3).Take(2).Select(p => p.Trim())))),
        LostPasswords = Mailboxes.Split('\n').Any(l => l.Split(',', 3).Length == 3),
    };

    private void CheckFields()
    {
        if (Name.Length is 0 or > Limits.NameCharsMax) Errors.Add("name", "Give the site a name of at most 100 characters.");
        if (!HostLabel().IsMatch(HostName)) Errors.Add("host", "A host name has letters, digits and hyphens, like mail.");
        if (!DomainName().IsMatch(Domain) || Domain.Length > Limits.DomainCharsMax)
            Errors.Add("domain", "This is not a mail domain like example.org.");
        foreach (var (field, value) in new[] { ("disk", DiskSerial), ("destroy", MayDestroy), ("phone", Phone) })
            if (value.Length > Limits.TextCharsMax || value.Any(char.IsControl)) Errors.Add(field, "This is too long.");
        if (!ProductName().IsMatch(Product)) Errors.Add("product", "Give the product as in its archives, like connect-server.");
        if (ProductVersion.Parse(Version) is null) Errors.Add("version", "Give a version like 1.0.0 or 1.0.0-sp1.");
        if (!ProductName().IsMatch(OsImage)) Errors.Add("os-image", "Give the system image as in its archives, like mithi-os.");
        if (ProductVersion.Parse(OsVersion) is null) Errors.Add("os-version", "Give a version like 1.0.0 or 1.0.0-sp1.");
        if (Zones.Find(TimeZone) is null) Errors.Add("zone", "This is not a time zone like Asia/Kolkata.");
        if (!Texts.Languages.ContainsKey(Language)) Errors.Add("language", "Choose one of the list.");
    }

    private List<MailboxSheet> ReadMailboxes(IReadOnlyList<MailboxSheet> before)
    {
        var mailboxes = new List<MailboxSheet>();
        foreach (var line in Mailboxes.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            // The password is all that follows the second comma, whatever is in it.
            var parts = line.Split(',', 3, StringSplitOptions.TrimEntries);
            var name = parts[0].ToLowerInvariant();
            var kept = before.FirstOrDefault(m => m.Name == name)?.PasswordHash;
            if (parts.Length < 2 || !MailboxName().IsMatch(name) || parts[1].Length is 0 or > Limits.TextCharsMax)
                Errors.Add("mailboxes", "Write each mailbox as: name, full name, first password.");
            else if (mailboxes.Any(m => m.Name == name))
                Errors.Add("mailboxes", "Two mailboxes have the same name.");
            else if (parts.Length == 3 && parts[2].Length is < Limits.PasswordCharsMin or > Limits.PasswordCharsMax || parts.Length == 2 && kept is null)
                Errors.Add("mailboxes", "A first password has at least 10 characters.");
            else
                mailboxes.Add(new(name, parts[1], parts.Length == 3 ? UnixPassword.Hash(parts[2]) : kept!));
            if (mailboxes.Count > Limits.MailboxesMax) Errors.Add("mailboxes", "A sheet has at most 200 mailboxes.");
            if (Errors.Any) break;
        }
        return mailboxes;
    }

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex HostLabel();

    [GeneratedRegex(@"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$", RegexOptions.CultureInvariant)]
    private static partial Regex DomainName();

    [GeneratedRegex("^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex ProductName();

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex MailboxName();
}
