using Microsoft.Data.Sqlite;

namespace Mithi.Kernel.Data;

/// <summary>An SQLite connection that keeps the statements it has parsed: parsing and planning takes most of a short statement's time.</summary>
/// <remarks>
/// A command is let go of by its mapper as ever, and then waits here for the same text to be asked for again. It is told the text
/// before the mapper makes the command, because a command takes its text only after that. One closure at a time has the connection.
/// </remarks>
internal sealed class KeepingConnection(string connectionString) : SqliteConnection(connectionString)
{
    private readonly Dictionary<string, KeptCommand> kept = [];
    private readonly LinkedList<string> recent = [];
    private string? next;
    private bool closing;

    /// <summary>Of the next command that is made.</summary>
    public void Expect(string text) => next = text;

    public override SqliteCommand CreateCommand()
    {
        var text = next;
        next = null;
        if (text is null) return base.CreateCommand();
        if (kept.Remove(text, out var command))
        {
            recent.Remove(command.Place!);
            command.Transaction = Transaction;
            return command;
        }
        return new KeptCommand(this, text) { Connection = this, CommandTimeout = DefaultTimeout, CommandText = text, Transaction = Transaction };
    }

    protected override void Dispose(bool disposing)
    {
        closing = true;
        foreach (var command in kept.Values) command.Dispose();
        kept.Clear();
        base.Dispose(disposing);
    }

    /// <summary>False when it is not worth keeping, or when it is already there.</summary>
    private bool Keep(KeptCommand command)
    {
        // Lists of numbers are written into the text; they come once.
        if (closing || command.CommandText != command.Text || command.Text.Length > Limits.KeptStatementCharsMax) return false;
        if (!kept.TryAdd(command.Text, command)) return false;
        command.Parameters.Clear();
        command.Transaction = null;
        command.Place = recent.AddLast(command.Text);
        if (kept.Count > Limits.KeptStatementsMax && kept.Remove(recent.First!.Value, out var oldest))
        {
            recent.RemoveFirst();
            oldest.Forget();
        }
        return true;
    }

    private sealed class KeptCommand(KeepingConnection keeper, string text) : SqliteCommand
    {
        private bool forgotten;

        public string Text => text;

        /// <summary>In the list of what was used when.</summary>
        public LinkedListNode<string>? Place { get; set; }

        public void Forget()
        {
            forgotten = true;
            Dispose();
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing && !forgotten && keeper.Keep(this)) return;
            base.Dispose(disposing);
        }
    }
}
