namespace Mithi.Cli;

/// <summary>One line that tells how far it is: redrawn in a terminal, a plain line at every tenth when redirected.</summary>
/// <remarks>Goes to stderr, so that a command's output stays clean for a pipe.</remarks>
public sealed class Progress(TextWriter to, bool terminal, TimeProvider time) : IDisposable
{
    private string _what = "";
    private int _tenth = -1;
    private int _width;
    private long _drawnAt = long.MinValue;

    /// <summary>For this process: stderr, redrawn if that is a terminal.</summary>
    public static Progress ForConsole(TimeProvider time) => new(Console.Error, !Console.IsErrorRedirected, time);

    /// <summary>Tells that <paramref name="done"/> of <paramref name="total"/> (same unit, bytes or steps) are done.</summary>
    public void Report(string what, long done, long total)
    {
        var fraction = total <= 0 ? 1 : Math.Clamp((double)done / total, 0, 1);
        var started = what != _what;
        if (started)
        {
            EndLine();
            (_what, _tenth) = (what, -1);
        }

        var tenth = (int)(fraction * 10);
        if (terminal) Redraw($"{what}  {fraction:P0}", started || fraction >= 1);
        else if (tenth > _tenth) to.WriteLine($"{what}  {fraction:P0}");
        _tenth = tenth;
    }

    /// <summary>Writes a line of its own, above the one that moves.</summary>
    public void Say(string line)
    {
        EndLine();
        to.WriteLine(line);
    }

    /// <summary>Ends the moving line, so that what follows starts on its own.</summary>
    public void Dispose() => EndLine();

    private void Redraw(string line, bool now)
    {
        if (!now && _drawnAt != long.MinValue && time.GetElapsedTime(_drawnAt) < Limits.RedrawMin) return;
        to.Write("\r" + line.PadRight(_width));
        (_width, _drawnAt) = (line.Length, time.GetTimestamp());
    }

    private void EndLine()
    {
        if (_width > 0) to.WriteLine();
        _width = 0;
    }
}
