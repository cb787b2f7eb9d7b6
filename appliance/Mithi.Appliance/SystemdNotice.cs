using System.Net.Sockets;
using System.Text;

namespace Mithi.Appliance;

/// <summary>Tells systemd how far the node is (sd_notify(3)), so that units after it start when it answers. Nothing without systemd.</summary>
internal static class SystemdNotice
{
    public const string Ready = "READY=1";
    public const string Stopping = "STOPPING=1";

    public static void Send(string state)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 0 } path) return;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        // A name that starts with @ is in the abstract namespace, which is a NUL to the system.
        socket.Connect(new UnixDomainSocketEndPoint(path[0] == '@' ? "\0" + path[1..] : path));
        socket.Send(Encoding.ASCII.GetBytes(state));
    }
}
