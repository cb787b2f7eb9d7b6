using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Mithi.Cli;
using Mithi.Kernel.Data;

namespace Mithi.Appliance;

/// <summary>SQLite and libgit2 travel inside the published file and are unpacked into the data folder before their first use.</summary>
/// <remarks>
/// The runtime's own unpacking goes below HOME, which a service has not, or below /tmp, where others could put theirs first.
/// A build that is not published has nothing inside: there the packages' folders are searched as usual.
/// </remarks>
internal static class NativeLibraries
{
    private const string Prefix = "native/";

    /// <summary>Unpacks what is not there yet, loads it, and answers for it when the runtime asks.</summary>
    /// <param name="others">Removes what other versions of the program left; only for whoever has the folder to himself.</param>
    /// <exception cref="UserException">The data folder has no room, or its disk allows no programs.</exception>
    public static void Open(DataFolder folder, bool others)
    {
        var program = typeof(NativeLibraries).Assembly;
        var names = program.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).ToArray();
        if (names.Length == 0) return;

        // The compiler's hash of all that went into the program, these libraries included.
        var home = Path.Join(folder.Native, program.ManifestModule.ModuleVersionId.ToString("N"));
        var loaded = new Dictionary<string, IntPtr>(StringComparer.Ordinal);
        try
        {
            Directory.CreateDirectory(home);
            foreach (var name in names)
            {
                var file = Path.Join(home, name[Prefix.Length..]);
                using var content = program.GetManifestResourceStream(name)!;
                if (new FileInfo(file) is not { Exists: true } there || there.Length != content.Length) Unpack(content, file);
                loaded[Path.GetFileNameWithoutExtension(file)] = NativeLibrary.Load(file);
            }
            if (others) RemoveOthers(folder.Native, home);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The program's libraries cannot be unpacked to {home}: {e.Message}",
                "Look for a full or read-only disk, or run the command as the node's user.", e);
        }
        catch (DllNotFoundException e)
        {
            throw new UserException($"The program's libraries cannot be loaded from {home}: {e.Message}",
                "Is the data folder on a disk that is mounted noexec? Mount it with exec, or name another folder with --data.", e);
        }
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, library) =>
            loaded.GetValueOrDefault(library, loaded.GetValueOrDefault($"lib{library}"));
    }

    // Renamed into place when it is whole and on the disk: a kill or a power cut here leaves nothing half that is ever loaded.
    private static void Unpack(Stream content, string file)
    {
        var bytes = new byte[content.Length];
        content.ReadExactly(bytes);
        DurableFile.Write(file, bytes);
    }

    private static void RemoveOthers(string native, string home)
    {
        foreach (var old in Directory.GetDirectories(native))
            if (old != home) Directory.Delete(old, recursive: true);
    }
}
