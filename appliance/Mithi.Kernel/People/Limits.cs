using NodaTime;

namespace Mithi.Kernel.People;

/// <summary>Every bound of people and their sign-in in one place.</summary>
internal static class Limits
{
    public const int NameLengthMax = 200;

    // RFC 5321, 4.5.3.1: a path has at most 256 octets with its brackets, its local part 64.
    public const int EmailLengthMax = 254;
    public const int EmailLocalLengthMax = 64;

    // NIST SP 800-63B asks for at least 8 with a second factor and 15 without; the hash is slow and attempts are few.
    public const int PasswordLengthMin = 10;

    // Longer ones only make the hash work: a megabyte of password is an attack.
    public const int PasswordLengthMax = 200;

    // A page left open over lunch survives, one left open overnight does not.
    public static readonly Duration SessionIdleMax = Duration.FromHours(12);
    public static readonly Duration SessionLifeMax = Duration.FromDays(30);

    // "Last seen" is written at most this often, so that reading pages does not write.
    public static readonly Duration SeenStep = Duration.FromMinutes(1);

    // The list of sessions stays readable; the oldest one is ended by the next sign-in.
    public const int SessionsPerPersonMax = 20;
    public const int TokensPerPersonMax = 20;
    public const int PasskeysPerPersonMax = 10;
    public const int TokenNameLengthMax = 100;
    public static readonly Duration TokenLifeMax = Duration.FromDays(366);

    // Stored for the list of sessions only.
    public const int UserAgentLengthMax = 200;

    // The guesses from one network that a person's password stands before the door stays shut for that network, and for how
    // long: doubled by each further one.
    public const int FailuresFree = 5;
    public static readonly Duration LockFirst = Duration.FromMinutes(1);
    public static readonly Duration LockMax = Duration.FromHours(1);

    // Wrong guesses at one person from all networks together; each is forgiven after a minute. One network can make eleven in
    // its first hour and then one an hour, so it takes sixty of them to keep the person himself out.
    public const int EverywhereFailuresMax = 60;
    public static readonly Duration EverywhereStep = Duration.FromMinutes(1);

    // How long a sign-in counts as proof that the person himself sits there, where there is no password to ask for.
    public static readonly Duration FreshSignIn = Duration.FromMinutes(10);

    // Failed attempts of one address (IPv6: one /64), whoever they were for: an office behind one address mistypes less.
    public const int AddressFailuresMax = 20;
    public static readonly Duration AddressWindow = Duration.FromMinutes(5);

    // Addresses watched at once; past that the oldest is forgotten, which costs an attacker more than it gives him.
    public const int AddressesMax = 10_000;

    // The hash takes a core for a tenth of a second; more at once would starve everybody who is signed in.
    public const int HashesAtOnceMax = 2;

    // Whoever starts a node sits in front of it; whoever is invited may be on leave; whoever forgot waits for the mail.
    public static readonly Duration FirstRunLife = Duration.FromHours(24);
    public static readonly Duration InvitationLife = Duration.FromDays(7);
    public static readonly Duration PasswordLinkLife = Duration.FromHours(1);
    public static readonly Duration StepLife = Duration.FromMinutes(5);

    // Mails that one person can be sent by asking for a new password.
    public const int PasswordLinksPerHourMax = 3;

    public const int RecoveryCodes = 10;

    // RFC 6238, 5.2: one step back and one ahead for clocks that drift.
    public const int TotpDriftSteps = 1;

    public const int PageRows = 50;
    public const int FilterLengthMax = 100;

    // A browser's answer with an attestation of a hardware key is about 3 KB.
    public const int PasskeyAnswerBytesMax = 64 << 10;

    // ITU-T E.164; the shortest numbers in use have five digits behind the country's code.
    public const int PhoneDigitsMin = 6;
    public const int PhoneDigitsMax = 15;

    // Longer than any number without its country's code: what is longer and begins with the code has it.
    public const int PhoneNationalDigitsMax = 10;

    // Of a number that is being typed; fewer digits are those of half a city.
    public const int PhoneBeginningMin = 5;

    public const int PhoneLengthMax = 40;

    // More per organisation, and per contact, than one can choose from.
    public const int ContactsMax = 500;
    public const int WaysPerContactMax = 10;

    // Hits of a search for a caller; who is not among them says more.
    public const int CallersMax = 20;
}
