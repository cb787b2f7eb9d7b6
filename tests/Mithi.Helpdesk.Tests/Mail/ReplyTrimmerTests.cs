using System.Text.Json;
using System.Text.RegularExpressions;
using Mithi.Helpdesk.Mail;
using Xunit;

namespace Mithi.Helpdesk.Tests.Mail;

/// <summary>What people wrote is parted from what their mail programs repeat, by the form of it and in whichever language.</summary>
public sealed partial class ReplyTrimmerTests(ITestOutputHelper output)
{
    [Fact]
    public void Of_the_mails_of_the_discourse_corpus_at_least_58_in_64_are_trimmed_as_people_would()
    {
        var folder = Corpora.Path("mail", "reply-trim", "discourse");
        var wrong = new List<string>();
        var files = Directory.GetFiles(Path.Join(folder, "emails"), "*.txt");
        foreach (var file in files)
        {
            var text = Normal(File.ReadAllText(file));
            var trimmed = ReplyTrimmer.Trim(text);
            Assert.Equal(Lines(text).Order(), Lines(trimmed.Written + "\n" + trimmed.Cut).Order());
            var expected = Normal(File.ReadAllText(Path.Join(folder, "trimmed", Path.GetFileName(file)))).Trim();
            if (expected != trimmed.Written.Trim()) wrong.Add(Path.GetFileName(file));
        }
        output.WriteLine($"{files.Length - wrong.Count} of {files.Length}");
        Assert.True((files.Length - wrong.Count) * 64 >= files.Length * 58, $"{files.Length - wrong.Count} of {files.Length}, wrong: {string.Join(", ", wrong)}");
    }

    [Fact]
    public void Of_the_cases_of_the_other_corpora_most_are_trimmed_as_people_would()
    {
        var bars = new Dictionary<string, (int Right, int All)> { ["github"] = (27, 30), ["crisp"] = (64, 71) };
        var folders = new DirectoryInfo(Corpora.Path("mail", "reply-trim")).GetDirectories().Where(d => File.Exists(Path.Join(d.FullName, "cases.jsonl"))).ToArray();
        Assert.Contains(folders, f => f.Name == "github");
        Assert.All(folders, folder =>
        {
            var (right, all) = bars[folder.Name];
            var cases = File.ReadLines(Path.Join(folder.FullName, "cases.jsonl")).Where(l => l.Length > 0).Select(l => JsonSerializer.Deserialize<Case>(l, JsonSerializerOptions.Web)!).ToArray();
            var wrong = cases.Where(c => !IsRight(c, Normal(File.ReadAllText(Path.Join(folder.FullName, c.Input))))).ToArray();
            output.WriteLine($"{folder.Name}: {cases.Length - wrong.Length} of {cases.Length}");
            Assert.True((cases.Length - wrong.Length) * all >= cases.Length * right, $"{cases.Length - wrong.Length} of {cases.Length}, wrong: {string.Join(", ", wrong.Select(c => $"{c.Input} {c.Mode}"))}");
        });
    }

    [Theory]
    [InlineData("Hello", "Hello", "")]
    [InlineData("Yes.\n\nOn Mon, Jan 5, 2026 at 9:00 AM Support <s@x.test> wrote:\n> No?\n", "Yes.", "On Mon, Jan 5, 2026 at 9:00 AM Support <s@x.test> wrote:\n> No?")]
    [InlineData("Yes.\n\nOn Mon, Jan 5, 2026 at 9:00 AM Support\n<s@x.test> wrote:\n\n> No?\n", "Yes.", "On Mon, Jan 5, 2026 at 9:00 AM Support\n<s@x.test> wrote:\n\n> No?")]
    [InlineData("Ja.\n\n-- \nAsha", "Ja.", "-- \nAsha")]
    [InlineData("Ja.\n-----Original Message-----\nFrom: x", "Ja.", "-----Original Message-----\nFrom: x")]
    [InlineData("Ja.\n\nVon: Support <s@x.test>\nGesendet: heute\n\nNein?", "Ja.", "Von: Support <s@x.test>\nGesendet: heute\n\nNein?")]
    [InlineData("> Which version?\n\n1.0.0\n", "> Which version?\n\n1.0.0", "")]
    [InlineData("> only quotes\n> here\n", "> only quotes\n> here", "")]
    [InlineData("हाँ।\n\nसोमवार को Support <s@x.test> ने लिखा:\n> नहीं?\n", "हाँ।", "सोमवार को Support <s@x.test> ने लिखा:\n> नहीं?")]
    public void What_was_written_is_parted_from_what_was_quoted(string text, string written, string quoted)
        => Assert.Equal((written, quoted), Both(ReplyTrimmer.Trim(text)));

    [Fact]
    public void A_hostile_text_is_trimmed_in_no_time()
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        foreach (var line in (string[])["> ", "On On On ", "On x <a@", "From: ", "--", "a:\n> b\n", "> a\nb\n", "==\n\n", "a@b.test wrote:\n\n", "-Asha\n", "- - - - - - - - - - - - - - - "])
            ReplyTrimmer.Trim("a\n" + string.Concat(Enumerable.Repeat(line + "\n", 30_000)) + "> b\n\n" + string.Concat(Enumerable.Repeat("c\n", 20)));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20));
    }

    // One a line, as the program wraps it where a / stands.
    public static TheoryData<string> Introductions => [.. """
        On Mon, Jan 5, 2026 at 9:00 AM Support <s@x.test> wrote:
        On Monday, 5 January 2026 at 09:00, Support <s@x.test> wrote:
        On 5 Jan 2026, at 09:00, Support <s@x.test> wrote:
        On 05/01/2026 09:00, Support wrote:
        On 2026-01-05 09:00, Support wrote:
        On Jan 5, 2026 9:00 AM, "Support" <s@x.test> wrote:
        On Jan 5, 2026, 9:00 AM +0530, Support <s@x.test>, wrote:
        On Mon, Jan 5, 2026 at 9:00 AM Support with a long name </s@x.test> wrote:
        On Mon, Jan 5, 2026 at 9:00 AM/Support <s@x.test>/wrote:
        *On Mon, Jan 5, 2026 at 9:00 AM Support <s@x.test> wrote:*
        --- On Mon, 1/5/26, Support <s@x.test> wrote:
        ---- On Mon, 05 Jan 2026 09:00:00 +0530 Support <s@x.test> wrote ----
        2026-01-05 9:00 GMT+01:00 Support <s@x.test>:
        Support <s@x.test> wrote:
        Support <s@x.test> wrote on 5 January 2026 at 09:00:
        Le lun. 5 janv. 2026 à 09:00, Support <s@x.test> a écrit :
        Le 5 janvier 2026 à 09:00, Support <s@x.test> a écrit :
        Le lundi 5 janvier 2026 à 09:00:00 UTC+1, Support <s@x.test> a écrit :
        Le 05/01/2026 à 09:00, Support a écrit :
        Am Mo., 5. Jan. 2026 um 09:00 Uhr schrieb Support <s@x.test>:
        Am 05.01.2026 um 09:00 schrieb Support:
        Am Montag, 5. Januar 2026 um 09:00:00 MEZ hat Support <s@x.test> Folgendes geschrieben:
        Support <s@x.test> schrieb am Mo., 5. Jan. 2026, 09:00:
        El lun, 5 ene 2026 a las 9:00, Support (<s@x.test>) escribió:
        El lunes, 5 de enero de 2026, 09:00:00 CET, Support <s@x.test> escribió:
        El 5 ene 2026, a las 9:00, Support <s@x.test> escribió:
        Il giorno lun 5 gen 2026 alle ore 09:00 Support <s@x.test> ha scritto:
        Il lunedì 5 gennaio 2026 alle ore 09:00:00 CET, Support <s@x.test> ha scritto:
        Em seg., 5 de jan. de 2026 às 09:00, Support <s@x.test> escreveu:
        No dia 5 de janeiro de 2026, às 09:00, Support <s@x.test> escreveu:
        Op ma 5 jan 2026 om 09:00 schreef Support <s@x.test>:
        Op 5 jan. 2026 om 09:00 heeft Support <s@x.test> het volgende geschreven:
        pon., 5 sty 2026 o 09:00 Support <s@x.test> napisał(a):
        W dniu 5.01.2026 o 09:00, Support pisze:
        Wiadomość napisana przez Support <s@x.test> w dniu 5 sty 2026, o godz. 09:00:
        po 5. 1. 2026 v 9:00 odesílatel Support <s@x.test> napsal:
        Dne 5.1.2026 v 9:00 Support napsal(a):
        Dňa 5. 1. 2026 o 9:00 Support napísal(a):
        Den mån 5 jan. 2026 kl 09:00 skrev Support <s@x.test>:
        5 jan. 2026 kl. 09:00 skrev Support <s@x.test>:
        Den man. 5. jan. 2026 kl. 09.00 skrev Support <s@x.test>:
        man. 5. jan. 2026 kl. 09:00 skrev Support <s@x.test>:
        På mandag 5. januar 2026 kl. 09:00, Support <s@x.test> skrev:
        ma 5. tammik. 2026 klo 9.00 Support (s@x.test) kirjoitti:
        Support <s@x.test> kirjoitti 5.1.2026 kello 9.00:
        Support <s@x.test> ezt írta (időpont: 2026. jan. 5., H, 9:00):
        Support <s@x.test> ezt írta (időpont: 2026./jan. 5., H, 9:00):
        2026. január 5., hétfő 9:00 Support <s@x.test> írta:
        În lun., 5 ian. 2026 la 09:00, Support <s@x.test> a scris:
        Pe 5 ian. 2026, la 09:00, Support <s@x.test> a scris:
        пн, 5 янв. 2026 г. в 09:00, Support <s@x.test>:
        5 янв. 2026 г., в 9:00, Support <s@x.test> написал(а):
        Понедельник, 5 января 2026, 9:00 +03:00 от Support <s@x.test>:
        05.01.2026 9:00, Support пишет:
        пн, 5 січ. 2026 р. о 09:00 Support <s@x.test> пише:
        2026年1月5日(月) 9:00 Support <s@x.test>:
        2026/01/05 9:00、Support <s@x.test>のメール:
        在 2026年1月5日，上午9:00，Support <s@x.test> 写道：
        Support <s@x.test> 于2026年1月5日周一 09:00写道：
        Support <s@x.test> 於 2026年1月5日 週一 上午9:00寫道：
        在 2026-01-05 09:00:00，"Support" <s@x.test> 写道：
        2026년 1월 5일 (월) 오전 9:00, Support <s@x.test>님이 작성:
        2026. 1. 5. 오전 9:00, Support <s@x.test> 작성:
        Vào Th 2, 5 thg 1, 2026 vào lúc 9:00 Support <s@x.test> đã viết:
        Vào 9:00, Th 2, 5 thg 1, 2026 Support <s@x.test> đã viết:
        Support <s@x.test>, 5 Oca 2026 Pzt, 09:00 tarihinde şunu yazdı:
        5 Oca 2026 Pzt 09:00 tarihinde Support <s@x.test> şunu yazdı:
        \u200Fבתאריך יום ב׳, 5 בינו׳ 2026 ב-9:00 מאת \u202ASupport\u202C\u200F <\u202As@x.test\u202C\u200F>:\u200F
        ב-5 בינו׳ 2026, בשעה 9:00, Support <s@x.test> כתב:
        في الاثنين، 5 يناير 2026 في 9:00 ص تمت كتابة ما يلي بواسطة Support <s@x.test>:
        بتاريخ ٥ يناير ٢٠٢٦، الساعة 9:00 ص، كتب Support <s@x.test>:
        सोमवार को Support <s@x.test> ने लिखा:
        सोम, 5 जन॰ 2026 को 9:00 am बजे को Support <s@x.test> ने लिखा:
        Στις Δευ 5 Ιαν 2026 στις 9:00 π.μ., ο χρήστης Support <s@x.test> έγραψε:
        """.Split('\n')];

    [Theory]
    [MemberData(nameof(Introductions))]
    public void What_tells_who_wrote_the_quote_is_part_of_it(string introduction)
    {
        var lines = introduction.Replace(@"\u200F", "\u200f").Replace(@"\u202A", "\u202a").Replace(@"\u202C", "\u202c");
        // A link or a date has a / too, but none with a letter before or behind it that begins a line here.
        var wrapped = Wrap().Replace(lines, "\n");
        foreach (var quote in (string[])["> No?\n> Really not?", "\n> No?\n>\n> Really not?\n\n--\nAsha", "\nNo?\n\nReally not?"])
        {
            var trimmed = ReplyTrimmer.Trim($"Hello, I am on version 1.0:\nit works at 9:00.\n\n{wrapped}\n{quote}");
            Assert.Equal("Hello, I am on version 1.0:\nit works at 9:00.", trimmed.Written);
        }
        Assert.Equal("Hello.\nIt works.", ReplyTrimmer.Trim($"Hello.\nIt works.\n{wrapped}\n> No?\n").Written);
        var between = ReplyTrimmer.Trim($"{wrapped}\n> No?\n\nYes.\n\n> Really not?\n\nYes, really.");
        Assert.Equal("> No?\n\nYes.\n\n> Really not?\n\nYes, really.", between.Written);
        Assert.False(between.IsTail);
    }

    [Fact]
    public void It_is_found_wherever_it_is_wrapped()
    {
        // No program wraps a line within its first words.
        var wrong = new List<string>();
        foreach (var introduction in Introductions.Select(r => r.Data.Replace("/s@", "s@").Replace("2026./", "2026. ")).Where(t => !t.Contains('\\') && !t.Contains("AM/")))
        {
            for (var at = introduction.IndexOf(' ', Math.Min(20, introduction.Length)); at > 0; at = introduction.IndexOf(' ', at + 1))
            {
                var wrapped = $"{introduction[..at]}\n{introduction[(at + 1)..]}";
                if (ReplyTrimmer.Trim($"Yes.\n\n{wrapped}\n\n> No?\n").Written != "Yes.") wrong.Add(wrapped);
            }
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count}: {string.Join("\n\n", wrong)}");
    }

    [Theory]
    [InlineData("-----Original Message-----\nFrom: x")]
    [InlineData("-------- Ursprüngliche Nachricht --------\nVon: Support <s@x.test>")]
    [InlineData("---------- Forwarded message ---------\nhello")]
    [InlineData("-------- Пересылаемое сообщение --------\nпривет")]
    [InlineData("‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐\nOn Monday, Support wrote:\n\nhello")]
    [InlineData("------------------ 原始邮件 ------------------\n发件人: Support")]
    [InlineData("--- Message d'origine ---\nbonjour")]
    [InlineData("From: Support <s@x.test>\nSent: Monday, January 5, 2026 9:00 AM\nTo: Asha\nSubject: Re: Mail\n\nNo?")]
    [InlineData("*From:* Support <s@x.test>\n*Sent:* Monday, January 5, 2026 9:00 AM\n*To:* Asha\n*Subject:* Re: Mail\n\nNo?")]
    [InlineData("**From: **Support <s@x.test>\n**Date: **Monday, 5 January 2026 at 09:00\n**To: **Asha\n\nNo?")]
    [InlineData("From:\u00a0Support\n\nSent:\u00a05. January 2026\n\nTo:\u00a0Asha\n\nSubject: Mail\n\nNo?")]
    [InlineData("________________________________\nVon: Support <s@x.test>\nGesendet: Montag, 5. Januar 2026 09:00\nAn: Asha\nBetreff: AW: Mail\n\nNein?")]
    [InlineData("De : Support <s@x.test>\nEnvoyé : lundi 5 janvier 2026 09:00\nÀ : Asha\nObjet : RE: Mail\n\nNon ?")]
    [InlineData("De: Support <s@x.test>\nEnviado el: lunes, 5 de enero de 2026 9:00\nPara: Asha\nAsunto: RE: Mail")]
    [InlineData("Da: Support <s@x.test>\nInviato: lunedì 5 gennaio 2026 09:00\nA: Asha\nOggetto: R: Mail")]
    [InlineData("De: Support <s@x.test>\nEnviada em: segunda-feira, 5 de janeiro de 2026 09:00\nPara: Asha\nAssunto: RES: Mail")]
    [InlineData("Van: Support <s@x.test>\nVerzonden: maandag 5 januari 2026 09:00\nAan: Asha\nOnderwerp: RE: Mail")]
    [InlineData("Od: Support <s@x.test>\nWysłano: poniedziałek, 5 stycznia 2026 09:00\nDo: Asha\nTemat: RE: Mail")]
    [InlineData("Från: Support <s@x.test>\nSkickat: den 5 januari 2026 09:00\nTill: Asha\nÄmne: SV: Mail")]
    [InlineData("Fra: Support <s@x.test>\nSendt: 5. januar 2026 09:00\nTil: Asha\nEmne: SV: Mail")]
    [InlineData("Lähettäjä: Support <s@x.test>\nLähetetty: maanantai 5. tammikuuta 2026 9.00\nVastaanottaja: Asha\nAihe: VS: Mail")]
    [InlineData("От: Support <s@x.test>\nОтправлено: 5 января 2026 г. 9:00\nКому: Asha\nТема: RE: Mail")]
    [InlineData("Kimden: Support <s@x.test>\nGönderildi: 5 Ocak 2026 Pazartesi 09:00\nKime: Asha\nKonu: YNT: Mail")]
    [InlineData("发件人: Support <s@x.test>\n发送时间: 2026年1月5日 9:00\n收件人: Asha\n主题: 答复: Mail")]
    [InlineData("差出人: Support <s@x.test>\n送信日時: 2026年1月5日 9:00\n宛先: Asha\n件名: RE: Mail")]
    [InlineData("보낸 사람: Support <s@x.test>\n보낸 날짜: 2026년 1월 5일 월요일 오전 9:00\n받는 사람: Asha\n제목: RE: Mail")]
    [InlineData("Support---01/05/2026 09:00:00 AM---No? Really not?")]
    [InlineData("From:\tSupport/Vendor\nTo:\tAsha/Acme@Acme\nDate:\t01/05/2026 09:00 AM\nSubject:\tMail")]
    [InlineData("##- Please type your reply above this line -##\n\nNo?")]
    [InlineData("Begin forwarded message:\n\n> From: Support <s@x.test>\n> Date: 5 January 2026\n>\n> No?")]
    [InlineData("Anfang der weitergeleiteten Nachricht:\n\nVon: Support <s@x.test>\nDatum: 5. Januar 2026\nAn: Asha\n\nNein?")]
    public void The_head_of_another_mail_is_where_this_one_ends(string head)
        => Assert.Equal(("Yes.", head.Replace('\u00a0', ' ')), Both(ReplyTrimmer.Trim($"Yes.\n\n{head}")));

    [Theory]
    [InlineData("Sent from my iPhone")]
    [InlineData("Sent from my Samsung Galaxy smartphone.")]
    [InlineData("Sent from Mail for Windows")]
    [InlineData("Sent from Yahoo Mail on Android")]
    [InlineData("Get Outlook for iOS<https://aka.ms/o0ukef>")]
    [InlineData("Envoyé de mon iPhone")]
    [InlineData("Envoyé depuis mon téléphone Orange")]
    [InlineData("Télécharger Outlook pour Android")]
    [InlineData("Von meinem iPhone gesendet")]
    [InlineData("Gesendet von Mail für Windows")]
    [InlineData("Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.")]
    [InlineData("Enviado desde mi iPhone")]
    [InlineData("Enviado do meu iPhone")]
    [InlineData("Inviato da iPhone")]
    [InlineData("Verstuurd vanaf mijn iPhone")]
    [InlineData("Verzonden vanaf Outlook voor Android")]
    [InlineData("Wysłane z iPhone'a")]
    [InlineData("Odesláno z iPhonu")]
    [InlineData("Skickat från min iPhone")]
    [InlineData("Sendt fra min iPhone")]
    [InlineData("Lähetetty iPhonesta")]
    [InlineData("Küldve az iPhone-omról")]
    [InlineData("Trimis de pe iPhone-ul meu")]
    [InlineData("Отправлено с iPhone")]
    [InlineData("发自我的iPhone")]
    [InlineData("iPhoneから送信")]
    [InlineData("나의 iPhone에서 보냄")]
    [InlineData("Đã gửi từ iPhone của tôi")]
    [InlineData("iPhone'umdan gönderildi")]
    [InlineData("נשלח מה-iPhone שלי")]
    [InlineData("أُرسلت من الـ iPhone")]
    [InlineData("मेरे iPhone से भेजा गया")]
    public void What_a_device_adds_is_folded_away(string line)
    {
        Assert.Equal(("Yes.", line), Both(ReplyTrimmer.Trim($"Yes.\n\n{line}")));
        Assert.Equal("Yes.", ReplyTrimmer.Trim($"Yes.\n\n{line}\n\nOn Mon, Jan 5, 2026 at 9:00 AM Support <s@x.test> wrote:\n> No?").Written);
    }

    [Theory]
    [InlineData("On your server I did this:\n\n    ls\n\nand it wrote:\n\n    nothing")]
    [InlineData("Please send it to asha@acme.test\nuntil 9:00. What I see:\n\nnothing.")]
    [InlineData("One question:\n\nsince when?")]
    [InlineData("Sent from my desk, this works. From my phone it does not.")]
    [InlineData("Product: mail-server\nVersion: 1.0.0\nDate: 2026-01-05\n\nIt is slow.")]
    [InlineData("Problem\n-------\nIt is slow.\n\nSteps\n-----\nOpen it.")]
    [InlineData("- one\n- two\n-three\n\n| a | b |\n| 1 | 2 |")]
    [InlineData("The log says:\n\n2026-01-05 09:00:00 error: no route to a@b.test\n2026-01-05 09:00:01 error: again")]
    [InlineData("From: what I know it is the disk.\nIt was full.")]
    [InlineData("To: be sure, I tried again at 9:00.\nSubject: to change.")]
    [InlineData("> a quote\n\nand an answer")]
    [InlineData("On Monday we wrote a mail.\nNobody answered it.\n\nPlease do.")]
    public void What_a_person_wrote_stays_whole(string text) => Assert.Equal((text, ""), Both(ReplyTrimmer.Trim(text)));

    private static (string, string) Both(TrimmedText trimmed) => (trimmed.Written, trimmed.Cut.Replace('\u00a0', ' '));

    [GeneratedRegex("(?<=AM|name <|x.test>|2026\\.)/")]
    private static partial Regex Wrap();

    private static bool IsRight(Case one, string text)
    {
        var trimmed = ReplyTrimmer.Trim(text);
        var written = Collapsed(one, trimmed.Written);
        var expected = Collapsed(one, one.Expected.ValueKind == JsonValueKind.String ? one.Expected.GetString()! : "");
        return one.Mode switch
        {
            "reply_equals" => written == expected,
            "reply_starts_with" => written.StartsWith(expected, StringComparison.Ordinal),
            "reply_contains" => written.Contains(expected, StringComparison.Ordinal),
            "reply_not_contains" => !written.Contains(expected, StringComparison.Ordinal),
            "nothing_trimmed" => written == Collapsed(one, text),
            // That it ends is all that a test can say without a clock; the bound is measured elsewhere.
            "finishes_within_ms" => true,
            _ => throw new InvalidOperationException($"The corpus has a new kind of case: {one.Mode}"),
        };
    }

    private static string Collapsed(Case one, string text) => one.Normalize == "collapse-ws" ? Blanks().Replace(text, " ").Trim() : Normal(text).Trim();

    private static string Normal(string text) => text.ReplaceLineEndings("\n");

    private static IEnumerable<string> Lines(string text) => text.Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0);

    private sealed record Case(string Input, string Mode, string Normalize, JsonElement Expected);

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
