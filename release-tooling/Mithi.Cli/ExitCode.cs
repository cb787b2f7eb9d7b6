namespace Mithi.Cli;

/// <summary>What every program of the house returns. The numbers are in the manual and in customers' scripts.</summary>
public static class ExitCode
{
    /// <summary>It was done, or there was nothing to do.</summary>
    public const int Done = 0;

    /// <summary>It was tried and failed: a fault of ours, of the network, or of the data.</summary>
    public const int Failed = 1;

    /// <summary>The user can put it right: a wrong argument, a missing file, a full disk. Two lines on stderr say how.</summary>
    public const int Usage = 2;
}
