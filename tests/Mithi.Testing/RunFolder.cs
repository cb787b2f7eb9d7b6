namespace Mithi.Testing;

/// <summary>A folder that lives as long as the test program. What a killed run left behind goes when the next one starts.</summary>
internal static class RunFolder
{
    private const string Prefix = "mithi-run-";

    private static readonly Lazy<string> Made = new(Make);

    public static string Path => Made.Value;

    private static string Make()
    {
        var parent = System.IO.Path.GetTempPath();
        foreach (var old in Directory.EnumerateDirectories(parent, Prefix + "*"))
            if (int.TryParse(old[(old.LastIndexOf('-') + 1)..], out var process) && !Directory.Exists($"/proc/{process}")) TryDelete(old);
        var folder = System.IO.Path.Join(parent, $"{Prefix}{Environment.ProcessId}");
        Directory.CreateDirectory(folder);
        return folder;
    }

    /// <summary>Deletes it, if this run has made one.</summary>
    public static void Delete()
    {
        if (Made.IsValueCreated) TryDelete(Path);
    }

    private static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // Another test program deletes it at this moment, or a server still writes its last file there.
        }
        catch (UnauthorizedAccessException)
        {
            // It belongs to another user of this machine.
        }
    }
}
