using System.Text;

namespace Mithi.Site.Ask;

/// <summary>Shows the state on every console the machine has, and hands the same text to whoever mirrors it.</summary>
internal sealed class Screen : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly List<Stream> _consoles = [];
    private readonly ITimer _timer;
    private readonly long _started;
    private ScreenState _state;
    private string _shown = "";
    private bool _urgent = true;

    /// <param name="first">What is shown at first.</param>
    /// <param name="time">For the elapsed time and to draw no more than once a second.</param>
    /// <param name="consoles">Devices like <c>/dev/tty0</c>; one that is not there is left out.</param>
    public Screen(ScreenState first, TimeProvider time, params IEnumerable<string> consoles)
    {
        (_state, _time, _started) = (first, time, time.GetTimestamp());
        foreach (var console in consoles)
        {
            try
            {
                _consoles.Add(new FileStream(console, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
            {
                // No such console on this machine.
            }
        }
        _timer = time.CreateTimer(_ => Draw(), null, TimeSpan.Zero, Limits.RedrawMin);
    }

    /// <summary>Told the text whenever it was drawn.</summary>
    public Action<string>? Mirror { get; set; }

    public ScreenState State
    {
        get { lock (_gate) return _state; }
    }

    /// <summary>Changes what is shown. Drawn within a second.</summary>
    public void Change(Func<ScreenState, ScreenState> change)
    {
        lock (_gate)
        {
            var before = _state;
            _state = change(before);
            // A bar that moved can wait; what somebody must read or do is drawn whole on the serial line too.
            _urgent |= before with { Fraction = _state.Fraction, Elapsed = _state.Elapsed } != _state;
        }
    }

    /// <summary>Draws at once, for instance before the machine restarts.</summary>
    public void Draw()
    {
        string text;
        Action<string>? mirror;
        lock (_gate)
        {
            // The clock alone is drawn on the screen every second but only every tenth on a line that somebody may log.
            _state = _state with { Elapsed = TimeSpan.FromSeconds((long)_time.GetElapsedTime(_started).TotalSeconds) };
            text = _state.Render();
            if (text == _shown || (!_urgent && _state.Elapsed.TotalSeconds % 5 != 0)) return;
            (_shown, _urgent, mirror) = (text, false, Mirror);
            // Home, then each line with its rest cleared, then everything below: no flicker, no scrolling.
            var bytes = Encoding.ASCII.GetBytes("\e[H" + text.Replace("\n", "\e[K\r\n", StringComparison.Ordinal) + "\e[K\r\n\e[J");
            foreach (var console in _consoles) Write(console, bytes);
        }
        mirror?.Invoke(text);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        foreach (var console in _consoles) await console.DisposeAsync();
    }

    private static void Write(Stream console, byte[] bytes)
    {
        try
        {
            console.Write(bytes);
        }
        catch (IOException)
        {
            // A console that went away must not stop an installation.
        }
    }
}
