namespace Mithi.Trust;

/// <summary>Every bound of the trust layer in one place. Metadata past one is refused before it is parsed.</summary>
public static class Limits
{
    // A root names a dozen keys; RSA keys in PEM are the largest thing in it.
    public const int RootBytesMax = 512 << 10;

    // A timestamp names one file. It is fetched most often and from whoever answers, so it is the tightest.
    public const int TimestampBytesMax = 16 << 10;

    // About 20,000 roles at a hundred bytes each.
    public const int SnapshotBytesMax = 2 << 20;

    // A product with ten thousand archives.
    public const int TargetsBytesMax = 5 << 20;

    // A product is one delegation below targets; more visits than this is a graph made to waste our time.
    public const int DelegationsVisitedMax = 32;

    // Weekly rotations for five years. A server that goes on and on must not keep us busy for ever.
    public const int RootStepsMax = 256;

    // Metadata is six levels deep; custom fields may nest a little. Deeper is an attack on the parser's stack.
    public const int JsonDepthMax = 64;

    // A signature costs a public key operation; nobody has this many key holders.
    public const int SignaturesMax = 64;

    // Below this an RSA key can be factored by a determined attacker, so it has no vote.
    public const int RsaBitsMin = 2_048;

    // Above this one verification takes noticeable time.
    public const int RsaBitsMax = 8_192;

    // Linux refuses longer file names, and a role or a target becomes one.
    public const int FileNameBytesMax = 255;

    // A path pattern of this many characters is compared with a path in no noticeable time.
    public const int PathCharsMax = 4_096;

    // Nothing that we download is larger than an operating system image with a product in it.
    public const long TargetBytesMax = 64L << 30;

    // A key file is a few hundred bytes of JSON.
    public const int KeyFileBytesMax = 64 << 10;

    // Shorter ones are guessed in spite of the iterations below.
    public const int PassphraseCharsMin = 12;

    // What a current machine does in about half a second: guessing a passphrase costs that for each guess.
    public const int KeyIterations = 600_000;

    // A key file that asks for more would only keep us busy.
    public const int KeyIterationsMax = 10_000_000;

    // The first byte of an answer must come within this; the slow retrieval attack ends here.
    public static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(30);

    // A server that sends nothing for this long is stalling us.
    public static readonly TimeSpan StallMax = TimeSpan.FromSeconds(60);
}
