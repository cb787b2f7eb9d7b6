using System.ComponentModel;
using System.Diagnostics;

namespace Mithi.Cli;

/// <summary>The only place that starts programs: arguments are never a shell line, output is bounded, and nothing outlives us.</summary>
public sealed class Proc : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ProcOptions _options;
    private readonly Tail _output;
    private readonly Tail _error;
    private readonly Task _outputRead;
    private readonly Task _errorRead;
    private readonly Task _inputWritten;

    private Proc(string program, Process process, ProcOptions options)
    {
        (Program, _process, _options) = (program, process, options);
        _output = new Tail(options.OutputBytesMax, options.OnLine);
        _error = new Tail(options.OutputBytesMax, options.OnLine);
        _outputRead = _output.ReadAsync(process.StandardOutput.BaseStream);
        _errorRead = _error.ReadAsync(process.StandardError.BaseStream);
        _inputWritten = WriteInputAsync();
    }

    /// <summary>The program's name as it was called.</summary>
    public string Program { get; }

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>What it has written so far (the last <see cref="ProcOptions.OutputBytesMax"/> bytes).</summary>
    public string Output => _output.ToString();

    /// <summary>What it has written to its standard error so far.</summary>
    public string Error => _error.ToString();

    /// <summary>Runs a program to its end, whatever its exit code.</summary>
    /// <exception cref="UserException">The program is not installed.</exception>
    /// <exception cref="ProcException">It took longer than its timeout; it and its children are dead.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; it and its children are dead.</exception>
    public static async Task<ProcResult> RunAsync(
        string program, IEnumerable<string> arguments, ProcOptions? options = null, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        await using var proc = Start(program, arguments, options);
        return await proc.WaitAsync(ct);
    }

    /// <summary>Runs a program that must end with 0, and gives its output.</summary>
    /// <exception cref="ProcException">It failed, took too long, or wrote more than is kept.</exception>
    public static async Task<string> OutputAsync(
        string program, IEnumerable<string> arguments, ProcOptions? options = null, CancellationToken ct = default)
        => (await RunAsync(program, arguments, options, ct)).Require();

    /// <summary>Starts a program that goes on beside us. Disposing kills it and its children.</summary>
    public static Proc Start(string program, IEnumerable<string> arguments, ProcOptions? options = null)
    {
        options ??= new ProcOptions();
        var start = new ProcessStartInfo(program)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = options.WorkingDirectory ?? "",
        };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        if (options.CleanEnvironment) start.Environment.Clear();
        foreach (var (name, value) in options.Environment)
        {
            if (value is null) start.Environment.Remove(name);
            else start.Environment[name] = value;
        }

        try
        {
#pragma warning disable RS0030 // This is the one place that the rule points to.
            return new Proc(program, Process.Start(start)!, options);
#pragma warning restore RS0030
        }
        catch (Win32Exception e) when (options.WorkingDirectory is { } folder && !Directory.Exists(folder))
        {
            throw new UserException($"{folder} is not there.", $"Make it: {program} is started in it.", e);
        }
        catch (Win32Exception e)
        {
            throw new UserException(
                $"{program} can't be started: {e.Message}.",
                options.DebianPackage is { } package ? $"Install it: apt-get install {package}" : $"Install {program}, or put it on the PATH.",
                e);
        }
    }

    /// <summary>Waits for its end. Cancellation and the timeout kill it with its children.</summary>
    public async Task<ProcResult> WaitAsync(CancellationToken ct = default)
    {
        using var timeout = new CancellationTokenSource(_options.Timeout ?? Timeout.InfiniteTimeSpan, _options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            await _process.WaitForExitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
            ct.ThrowIfCancellationRequested();
            throw new ProcException(ProcFault.TimedOut, Program,
                $"{Program} did not end within {_options.Timeout!.Value.TotalSeconds:0.#} s and was killed. {Error.Trim()}".TrimEnd());
        }
        await Task.WhenAny(
            Task.WhenAll(_outputRead, _errorRead, _inputWritten), Task.Delay(Limits.PipeGrace, _options.Time, ct));
        return new ProcResult(Program, _process.ExitCode, Output, Error, _output.Truncated || _error.Truncated);
    }

    /// <summary>Kills it and its children, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            return;   // It was faster.
        }
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    private async Task WriteInputAsync()
    {
        try
        {
            await using var stream = _process.StandardInput.BaseStream;
            if (_options.Input is { } input) await stream.WriteAsync(input);
        }
        catch (IOException)
        {
            // A program may end without reading all of its input; its exit code tells.
        }
    }
}
