using Mithi.Cli;
using Mithi.ReleaseTool.Commands;

namespace Mithi.ReleaseTool.Tests;

/// <summary>Runs <c>mithi-release</c> as its Program does, in a folder that is gone when the test ends.</summary>
internal sealed class Tool : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("mithi-release-").FullName;

    public string this[string name] => Path.Join(Folder, name);

    public string Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[name])!);
        File.WriteAllText(this[name], text);
        return this[name];
    }

    /// <summary>A product with a release.json and a tree of two files and a config file.</summary>
    public void Product(string name, string version, string greeting)
    {
        Write($"{name}/release.json", $$"""
            {
              // The sample of the manual.
              "product": "sample",
              "version": "{{version}}",
              "stamp": 1764000000,
              "notes": "Says {{greeting}}.",
              "restarts": ["sample.service"],
              "config": ["etc/**"],
              "modes": { "etc/secret": "0600" },
            }
            """);
        Write($"{name}/tree/bin/greet", $"#!/bin/sh\necho {greeting}\n");
        File.SetUnixFileMode(this[$"{name}/tree/bin/greet"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Write($"{name}/tree/share/large", new string('x', 100_000));
        Write($"{name}/tree/etc/secret", "none\n");
    }

    public async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        var code = await CommandLine.RunAsync(ReleaseCommands.Build(), args, error, output);
        return (code, output.ToString(), error.ToString());
    }

    public async Task<string> DoneAsync(params string[] args)
    {
        var (code, output, error) = await RunAsync(args);
        return code == ExitCode.Done ? output : throw new InvalidOperationException($"{string.Join(' ', args)} ended with {code}: {error}");
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
