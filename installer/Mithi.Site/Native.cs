using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Mithi.Site;

/// <summary>The few calls of Linux that .NET has no name for.</summary>
internal static partial class Native
{
    private const int ReadWrite = 0x2;
    private const int CloseOnExec = 0x80000;
    private const int Direct = 0x4000;
    private const int DataSync = 0x1000;
    private const int Invalid = 22;

    /// <summary>Opens a disk or file so that what is written does not stay in the kernel's memory.</summary>
    public static SafeFileHandle OpenDirect(string path)
    {
        var fd = Open(path, ReadWrite | CloseOnExec | Direct | DataSync, 0);
        // A file system in memory knows no direct access; only tests have one.
        if (fd < 0 && Marshal.GetLastPInvokeError() == Invalid) fd = Open(path, ReadWrite | CloseOnExec | DataSync, 0);
        if (fd < 0) throw new IOException($"{path} can't be opened: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        return new SafeFileHandle(fd, ownsHandle: true);
    }

    /// <summary>The length of a file or a device. .NET tells 0 for a device.</summary>
    public static long LengthOf(SafeFileHandle file)
    {
        var end = Seek((int)file.DangerousGetHandle(), 0, SeekEnd);
        return end >= 0 ? end : throw new IOException(new Win32Exception(Marshal.GetLastPInvokeError()).Message);
    }

    /// <summary>Everything written so far, on every file system, is on the disks when this returns.</summary>
    public static void SyncAll() => Sync();

    /// <summary>Sets the machine's clock, and the one on its board: only that is right after a power cut, when nobody tells the time again.</summary>
    /// <returns>False when we may not, which only a test meets.</returns>
    public static bool SetClock(DateTimeOffset to)
    {
        var value = new Timespec { Seconds = to.ToUnixTimeSeconds(), Nanoseconds = to.Millisecond * 1_000_000L };
        return ClockSetTime(0, in value) == 0 && SetBoardClock("/dev/rtc0", to.UtcDateTime);
    }

    private static bool SetBoardClock(string device, DateTime utc)
    {
        if (!File.Exists(device)) return true;   // A machine without one asks the node at each pairing.
        // struct rtc_time of linux/rtc.h: seconds to hours, day, month from 0, year from 1900; three more that the driver ignores.
        int[] fields = [utc.Second, utc.Minute, utc.Hour, utc.Day, utc.Month - 1, utc.Year - 1900, 0, 0, 0];
        var fd = Open(device, ReadWrite | CloseOnExec, 0);
        if (fd < 0) return false;
        using var clock = new SafeFileHandle(fd, ownsHandle: true);
        return Ioctl(fd, RtcSetTime, fields) == 0;
    }

    /// <summary>Loads a kernel beside the running one.</summary>
    /// <exception cref="IOException">The kernel refused it.</exception>
    public static void LoadKernel(string kernel, string initrd, string commandLine)
    {
        using var kernelFile = File.OpenHandle(kernel);
        using var initrdFile = File.OpenHandle(initrd);
        var line = System.Text.Encoding.ASCII.GetBytes(commandLine + '\0');
        if (KexecFileLoad(KexecFileLoadNumber, (int)kernelFile.DangerousGetHandle(), (int)initrdFile.DangerousGetHandle(), line.Length, line, 0) != 0)
            throw new IOException($"The kernel on the disk can't be loaded: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
    }

    /// <summary>Leaves the running kernel for the loaded one. Returns only when that is not possible.</summary>
    public static void StartLoadedKernel() => Reboot(RebootKexec);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    // linux/kexec.h has no function in the C library, only its number for x86-64.
    private const long KexecFileLoadNumber = 320;
    private const int RebootKexec = 0x45584543;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long KexecFileLoad(long number, long kernel, long initrd, long length, byte[] commandLine, long flags);

    [LibraryImport("libc", EntryPoint = "reboot", SetLastError = true)]
    private static partial int Reboot(int command);

    private const nuint RtcSetTime = 0x4024700a;

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Ioctl(int fd, nuint request, int[] argument);

    private const int SeekEnd = 2;

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(int fd, long offset, int from);

    [LibraryImport("libc", EntryPoint = "sync")]
    private static partial void Sync();

    [LibraryImport("libc", EntryPoint = "clock_settime", SetLastError = true)]
    private static partial int ClockSetTime(int clock, in Timespec value);
}
