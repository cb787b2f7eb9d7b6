namespace Mithi.Helpdesk.Import;

/// <summary>Every bound of the importer. What is past one is left out and listed, never cut in silence.</summary>
internal static class ImportLimits
{
    // A ticket of a thousand long entries; more in one line is no ticket.
    public const int LineBytesMax = 32 << 20;

    public const int JsonDepthMax = 32;

    public const int EntriesMax = 5_000;

    public const int SourceCharsMax = 60;
    public const int KeyCharsMax = 250;

    // Each mail is a few hundred bytes of memory until its thread is known.
    public const int MailsMax = 5_000_000;

    // A half second of writing, so that a node that runs beside gets its turn.
    public const int TicketsPerWrite = 200;
    public const long CharsPerWrite = 8 << 20;

    // The first line of an mbox's mail: longer is none.
    public const int FromLineBytesMax = 300;
}
