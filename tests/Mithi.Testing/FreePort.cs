using System.Net;
using System.Net.Sockets;

namespace Mithi.Testing;

/// <summary>For programs that must be told their port. It is free when it is chosen and may be taken by another when it is used.</summary>
public static class FreePort
{
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
