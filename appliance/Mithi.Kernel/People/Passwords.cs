using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Mithi.Kernel.People;

/// <summary>Password hashes, made and checked with the framework's hasher (PBKDF2, HMAC-SHA-512, a salt each).</summary>
public sealed class Passwords : IDisposable
{
    // OWASP's figure for PBKDF2 with HMAC-SHA-512.
    private const int Iterations = 210_000;

    private readonly PasswordHasher<object> hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = Iterations }));
    private readonly SemaphoreSlim gate = new(Limits.HashesAtOnceMax, Limits.HashesAtOnceMax);
    private readonly Lazy<string> decoy;

    public Passwords() => decoy = new(() => hasher.HashPassword(this, Secret.New()));

    public Task<string> HashAsync(string password, CancellationToken ct) => Gated(() => hasher.HashPassword(this, password), ct);

    /// <summary>Whether it is the password. Without a hash it takes as long and is not.</summary>
    public Task<bool> IsRightAsync(string? hash, string password, CancellationToken ct)
        => Gated(() => hasher.VerifyHashedPassword(this, hash ?? decoy.Value, password) != PasswordVerificationResult.Failed
            && hash is not null, ct);

    public void Dispose() => gate.Dispose();

    private async Task<T> Gated<T>(Func<T> work, CancellationToken ct)
    {
        await gate.WaitAsync(ct);
        try
        {
            return work();
        }
        finally
        {
            gate.Release();
        }
    }
}

/// <summary>What a new password must be. Length counts; demanded signs and digits only make people write it down.</summary>
public static class PasswordRule
{
    /// <summary>The first thing that is wrong, as an English key; null when it will do.</summary>
    public static string? Fault(string password, string email, string name)
    {
        if (password.Length < Limits.PasswordLengthMin) return "Take at least 10 characters, such as four words.";
        if (password.Length > Limits.PasswordLengthMax) return "Take at most 200 characters.";
        if (password.Distinct().Count() < 5) return "Take more different characters: this one is guessed at once.";
        var plain = password.ToLowerInvariant();
        var local = Email.Key(email).Split('@')[0];
        var own = new[] { local, name.ToLowerInvariant() }.Concat(name.ToLowerInvariant().Split(' ')).Where(w => w.Length > 3);
        if (own.Any(word => plain.Contains(word, StringComparison.Ordinal))) return "Leave your name and address out of the password.";
        return Common.Any(word => plain.Contains(word, StringComparison.Ordinal)) ? "This password is among those that are guessed first." : null;
    }

    // The cores of most of the longer entries in public lists of leaked passwords.
    private static readonly string[] Common =
        ["password", "passw0rd", "12345678", "qwertyui", "1q2w3e4r", "iloveyou", "letmein", "welcome1", "admin123", "abcdefgh", "87654321"];
}
