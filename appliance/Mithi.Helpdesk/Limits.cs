using NodaTime;

namespace Mithi.Helpdesk;

/// <summary>Every bound of the helpdesk in one place. What is past one is refused with a message, never cut in silence.</summary>
internal static class Limits
{
    // A shift that begins at 23:00 may end late in the next day's evening; longer is two windows.
    public const int WindowEndMinutesMax = 48 * 60;

    // More windows a day than this is a mistake in an import, not a calendar.
    public const int WindowsPerDayMax = 24;

    // Twenty years of fifty holidays.
    public const int CalendarExceptionsMax = 1_000;

    // A calendar that opens more rarely than this has a mistake in it, and a search for its next minute must end.
    public static readonly Duration ClosedMax = Duration.FromDays(400);

    // No promise is longer than a year of round-the-clock work.
    public static readonly Duration TargetMax = Duration.FromDays(366);

    // The page shows this many lines of how a clock was counted; the CSV has all.
    public const int ExplainRows = 200;

    public const int SubjectCharsMax = 200;

    // A log pasted into a ticket; more is an attachment.
    public const int BodyCharsMax = 100_000;

    public const int ReasonCharsMax = 2_000;

    // What a level asks for at a hand-over: more would be ticked without being read.
    public const int EvidenceMax = 10;
    public const int QuestionCharsMax = 200;
    public const int EvidenceCharsMax = 500;
    public const int CommentCharsMax = 2_000;

    // Who thinks again more often than this plays with the button; each time is an entry in the log.
    public const int RatingsMax = 20;

    public const int ProductCharsMax = 60;
    public const int VersionCharsMax = 60;

    // What a screen-recording or a core dump's excerpt needs, and what a slow line can send before it gives up.
    public const long AttachmentBytesMax = 25L << 20;
    public const int AttachmentsMax = 10;
    public const int AttachmentNameCharsMax = 150;

    public const int PageRows = 50;

    // Lines of a report on its page; the CSV has all.
    public const int ReportRows = 100;

    // A report reads every ticket of its period.
    public const int ReportDaysMax = Kernel.People.PromisesKept.DaysMax;

    // Of more tickets with the words of a filter the newest are listed; who wants others says more words.
    public const int FoundMax = 1_000;
    // Messages and notes that are brought over in one transaction: others wait for it meanwhile.
    public const int BroughtMax = 2_000;

    // Worked on one ticket in one go; more is a slip of the finger.
    public const int MinutesMax = 24 * 60;

    // GitHub takes 65,536 characters in one text; the marker needs some of them.
    public const int IssueCharsMax = 60_000;

    // A payload of GitHub's with the longest text that it takes is well below.
    public const int HookBytesMax = 1 << 20;

    // GitHub offers a delivery again for three days; older ones can't come.
    public static readonly Duration DeliveryMax = Duration.FromDays(30);

    public static readonly TimeSpan GitHubAnswerMax = TimeSpan.FromSeconds(30);

    // Tickets that one is tied to; a problem with more incidents is told of in the news.
    public const int LinksMax = 500;

    // A conversation longer than this is read page by page.
    public const int ConversationRows = 500;

    // After this a resolved ticket is closed: a later answer opens a new one that follows it.
    public static readonly Duration ReopenMax = Duration.FromDays(14);

    // A service pack names hundreds of tickets; more is a mistake in its manifest.
    public const int FixesMax = 5_000;

    // A program reads lists in pages of at most this.
    public const int ApiRowsMax = 200;

    // Due times written in one transaction: others write in between.
    public const int RefreshRows = 200;

    public const int CalendarNameCharsMax = 60;

    // What another promise would have changed is asked of so many tickets: a helpdesk's year, in seconds.
    public const int WhatIfTickets = 50_000;

    // The page shows this many of them.
    public const int WhatIfRows = 100;

    // Asked, unless somebody says otherwise, of a quarter of a year.
    public static readonly Duration WhatIfBack = Duration.FromDays(91);

    // Promises looked at before the next are asked for.
    public const int ChecksAtOnce = 100;

    // More warnings about one promise than this are noise.
    public const int WarningPointsMax = 8;

    // A level has fewer people; a mail to more is a mistake.
    public const int WarnedPeopleMax = 50;

    // What was broken longer ago is noted in the ticket, but wakes nobody: the node was off, or has just been updated.
    public static readonly Duration BrokenNewsMax = Duration.FromHours(12);

    // Clocks that are counted again at once; a snapshot is held no longer than reading so many takes.
    public const int RefreshRowsRead = 2_000;

    // What nobody came back to for a season is forgotten.
    public static readonly Duration DraftLifeMax = Duration.FromDays(90);

    // A name in a list that one chooses from.
    public const int AnswerNameCharsMax = 80;

    // A page of instructions; longer ones belong into the manual.
    public const int AnswerCharsMax = 10_000;

    // Of one person, and shared: nobody finds anything in a longer list.
    public const int AnswersMax = 200;

    // Saved views of one person, and shared: each is counted with every list that is shown.
    public const int ViewsMax = 20;

    // The number beside a view: nobody works through more before he looks again.
    public const int CountMax = 1_000;

    // Tickets looked at for one number.
    public const int CountScanRows = 3_000;

    // Tickets changed in one go. Each is a transaction of its own of a few milliseconds.
    public const int BatchTicketsMax = 300;

    // Pages say every 20 seconds that they are still open; one that was killed is gone after this.
    public static readonly Duration ViewingLife = Duration.FromSeconds(45);

    // Pages say every 3 seconds that somebody types.
    public static readonly Duration TypingLife = Duration.FromSeconds(6);

    // Staff of a large house with a dozen tabs each.
    public const int WatchersMax = 5_000;

    // Open pages of one node that listen for news; each holds a connection.
    public const int ListenersMax = 1_000;

    // A browser that hears nothing for longer may have lost the line behind a proxy.
    public static readonly Duration FeedSilenceMax = Duration.FromSeconds(25);

    // A page's feed ends and is asked for again, so that who may not read any more hears no more.
    public static readonly TimeSpan FeedLifeMax = TimeSpan.FromMinutes(15);

    // Above what big providers take (Gmail 25 MB, base64 makes 35 of it); a larger mail is not fetched
    // but shown as waiting.
    public const long MailBytesMax = 50L << 20;

    // Of a mail that is not fetched this much of its head is kept: who wrote, and about what.
    public const int MailHeadBytesMax = 64 << 10;

    // Long lists of recipients fold to 50 KB. What is folded more takes the parser seconds, and is kept for people to look at.
    public const int FoldedHeadBytesMax = 256 << 10;

    // RFC 2046, section 5.1.1, has boundaries of 70 characters; a hundred times that is read, and a longer one holds no parts.
    public const int BoundaryLineBytesMax = 8 << 10;

    // Deeper nesting is an attack: forwards of forwards end at about ten.
    public const int MimeDepthMax = 32;

    // Parts looked at in one mail; the raw mail keeps the rest.
    public const int MailPartsMax = 200;

    // Files taken out of one mail; the raw mail keeps the rest.
    public const int MailFilesMax = 50;

    // The longest References header that we read ids from: the newest are what threads by.
    public const int ReferencesMax = 100;

    // Thread-Index: 22 bytes, and five for each answer; more answers than this make a header that is none.
    public const int ThreadIndexBytesMax = 22 + 5 * 100;

    // Who writes anew about the same within these days goes on with it, perhaps; staff decides.
    public static readonly Duration SameSubjectMax = Duration.FromDays(3);
    public const int SameSubjectRows = 50;

    // A mail without a Message-ID that came to two of our mailboxes came to both about now.
    public static readonly Duration SecondMailboxMax = Duration.FromHours(1);

    // Tickets that were merged into merged ones: nobody does that more often.
    public const int MergesMax = 20;

    // A name server that says nothing for so long is away; the mail is taken in without its answer.
    public static readonly TimeSpan DnsAnswerMax = TimeSpan.FromSeconds(3);

    // Signatures of the sender's own domain that are looked at, and how long one may be: RSA keys of 4096 bits need 700.
    public const int SignaturesMax = 3;
    public const int SignatureCharsMax = 8_000;

    // Each server that passes a mail on adds a seal (RFC 8617 allows 50), and each seal asks for a key: nobody's mail goes through more.
    public const int SealsMax = 8;

    // One automatic mail a sender and ticket, and a few an hour: two robots that answer each other stop here.
    public const int AutomaticPerHourMax = 4;

    // A storm of alike mails gets tickets, but no answers.
    public const int AlikeSubjectsMax = 30;
    public static readonly Duration AlikeSubjectsWindow = Duration.FromMinutes(10);

    // A server may end IDLE after 30 minutes (RFC 2177); we renew it well before.
    public static readonly Duration IdleMax = Duration.FromMinutes(9);

    public static readonly TimeSpan ImapAnswerMax = TimeSpan.FromSeconds(60);

    // Mails fetched between two looks at the clock and the stop signal.
    public const int FetchAtOnceMax = 100;

    // The name and the number of who calls, and what is looked for to find him.
    public const int CallerCharsMax = 200;

    // Nobody is on the phone for longer than a day.
    public static readonly Duration CallMax = Duration.FromDays(1);

    // A form that was open for longer does not say how long a call was.
    public static readonly Duration CallByPageMax = Duration.FromHours(2);

    // Open tickets that are offered while somebody is on the phone.
    public const int HotlineTicketsMax = 50;

    // A line of a chat; more is a message.
    public const int ChatLineCharsMax = 4_000;

    // A customer who looked away reads it when he looks again; who has left is mailed after this.
    public static readonly Duration ChatMailAfter = Duration.FromMinutes(5);

    public const int ChatMailsAtOnce = 200;

    // More steps at once nobody carries out; more text is a page, not a step.
    public const int CardsAtOnceMax = 20;
    public const int CardCharsMax = 4_000;
}
