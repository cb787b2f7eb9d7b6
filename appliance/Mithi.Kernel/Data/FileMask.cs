using System.Runtime.InteropServices;

namespace Mithi.Kernel.Data;

/// <summary>Which rights this program's new files never have.</summary>
public static partial class FileMask
{
    private const uint GroupAndOthers = 0x3F;   // 077

    /// <summary>From here on, whatever this process makes, and what it starts makes, is its user's alone.</summary>
    public static void OwnerOnly() => _ = Set(GroupAndOthers);

    [LibraryImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint Set(uint mask);
}
