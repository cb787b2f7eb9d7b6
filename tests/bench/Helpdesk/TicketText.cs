namespace Mithi.Bench.Helpdesk;

/// <summary>Texts as people write to a helpdesk: few words that are in every second mail, many that are in one, names and numbers of their own.</summary>
/// <remarks>The same seed gives the same texts, so two engines are asked about the same tickets.</remarks>
internal sealed class TicketText
{
    private static readonly string[] Common =
        ("mail server the is not and since we our of to a in on it please can you yesterday today morning queue address message error users cannot send receive password " +
         "outlook phone attachment large slow spam folder backup restore certificate domain account quota disk full restart update version port timeout connection refused " +
         "delivery delayed inbox calendar contact sync login failed again after before only some all branch office network firewall log attached screenshot thanks regards " +
         "kindly check urgent still same problem working fine now tried changed settings configuration administrator webmail imap smtp relay gateway").Split(' ');

    private static readonly string[] Syllables =
        "an ba chi da el fi ga hu in jo ka lu ma ne or pa qui ra si tu ur va we xi ya ze bra cle dro fle gri pho sta tri ven mor lin cas tel net pol".Split(' ');

    private static readonly string[] Things =
        "Mails to {0} come back|Nobody can sign in at {0}|Queue grows on {0}|Certificate of {0} runs out|Disk of {0} is full|Outlook asks {0} for the password|Slow webmail on {0}|Please add a mailbox on {0}|Backup of {0} failed|Spam from {0} gets through|Update of {0} to the next service pack|Calendar of {0} does not sync".Split('|');

    private readonly Random random;
    private readonly string[] rare;

    public TicketText(int seed)
    {
        random = new Random(seed);
        // A vocabulary of forty thousand words: product names, people, places, what appears in logs.
        rare = [.. Enumerable.Range(0, 40_000).Select(_ => string.Concat(Enumerable.Range(0, 2 + random.Next(3)).Select(_ => Syllables[random.Next(Syllables.Length)])))];
    }

    /// <summary>A word by Zipf's law, roughly: every second one of the common, the rest further and further out.</summary>
    public string Word() => random.NextDouble() < 0.6
        ? Common[(int)(Common.Length * Math.Pow(random.NextDouble(), 2))]
        : rare[(int)(rare.Length * Math.Pow(random.NextDouble(), 3))];

    public string Host() => $"{rare[(int)(rare.Length * Math.Pow(random.NextDouble(), 2))]}{random.Next(1, 40)}";

    public string Subject() => string.Format(Things[random.Next(Things.Length)], Host());

    /// <summary>Some sentences, now and then with a line of a log.</summary>
    public string Body()
    {
        var lines = new List<string>();
        for (var i = random.Next(2, 6); i > 0; i--)
        {
            var words = string.Join(' ', Enumerable.Range(0, random.Next(6, 16)).Select(_ => Word()));
            lines.Add($"{char.ToUpperInvariant(words[0])}{words[1..]}.");
        }
        if (random.Next(3) == 0) lines.Add($"{Host()} postfix/smtp[{random.Next(1_000, 30_000)}]: {random.NextInt64():X10}: status=deferred (connect to {Host()} port 25 timed out)");
        return string.Join('\n', lines);
    }

    public int Next(int max) => random.Next(max);

    public bool Chance(double share) => random.NextDouble() < share;
}
