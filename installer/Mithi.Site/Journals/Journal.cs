using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Mithi.Site.Journals;

/// <summary>What the installation has done so far, on a raw partition: no file system stands between it and a power cut.</summary>
/// <remarks>
/// A ring of 4 KiB records, each written past the kernel's memory and flushed before the next stage begins. The newest valid
/// record counts; one torn by a power cut fails its checksum and is written again. What has to outlive the ring (the
/// installation's own data, stages done) is repeated before its old place is overwritten.
/// </remarks>
internal sealed unsafe class Journal : IDisposable
{
    // More than the parts of the longest text.
    private const ulong CarryAhead = 256;

    private readonly SafeFileHandle _file;
    private readonly long _slots;
    private readonly byte* _block;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<ulong, JournalRecord> _records = [];
    private ulong _sequence;

    private readonly long _offset;

    private Journal(SafeFileHandle file, long offset, long bytes)
    {
        if (bytes < Limits.JournalRecordBytes) throw new IOException("There is no room for a journal.");
        (_file, _offset, _slots) = (file, offset, Math.Min(bytes, Limits.JournalBytes) / Limits.JournalRecordBytes);
        // Direct access wants memory on a sector's boundary.
        _block = (byte*)NativeMemory.AlignedAlloc(Limits.JournalRecordBytes, Limits.JournalRecordBytes);
    }

    /// <summary>Opens the journal in a disk, partition or file and reads what is there.</summary>
    /// <param name="path">The device or file.</param>
    /// <param name="offset">Where the journal begins in it.</param>
    /// <exception cref="IOException">The device can't be read.</exception>
    public static Journal Open(string path, long offset)
    {
        var file = Native.OpenDirect(path);
        Journal? journal = null;
        try
        {
            journal = new Journal(file, offset, Native.LengthOf(file) - offset);
            journal.Load();
            return journal;
        }
        catch
        {
            journal?.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <summary>The newest record's installation; null when the journal is empty.</summary>
    public string? PlanId => _records.Count == 0 ? null : _records.Values.Last().PlanId;

    /// <summary>The stages of an installation that are done, in the order in which they were.</summary>
    public IReadOnlyList<string> StagesDone(string planId)
        => [.. Of(planId).Where(record => record.Kind == JournalKind.Done).Select(record => record.Stage).Distinct()];

    /// <summary>The newest text of a kind, put together from its parts; null when there is none that is whole.</summary>
    public string? Newest(string planId, JournalKind kind)
    {
        var parts = new SortedDictionary<int, JournalRecord>();
        foreach (var record in Of(planId).Where(record => record.Kind == kind).Reverse())
        {
            // A power cut between two parts leaves a beginning; the text before it is still whole.
            if (record.Part == record.Parts - 1) parts.Clear();
            else if (!parts.ContainsKey(record.Part + 1)) continue;
            parts[record.Part] = record;
            if (record.Part == 0)
                return Encoding.UTF8.GetString([.. parts.Values.SelectMany(part => part.Detail.ToArray())]);
        }
        return null;
    }

    /// <summary>Writes a record and returns when it is on the disk.</summary>
    public void Append(string planId, string stage, JournalKind kind, string detail = "")
    {
        var text = Encoding.UTF8.GetBytes(detail);
        var parts = Math.Max(1, (text.Length + JournalRecord.DetailBytesMax - 1) / JournalRecord.DetailBytesMax);
        if (parts > byte.MaxValue) throw new ArgumentException("The text is longer than a journal can hold.", nameof(detail));
        lock (_gate)
        {
            for (var part = 0; part < parts; part++)
            {
                var from = part * JournalRecord.DetailBytesMax;
                var piece = text.AsMemory(from, Math.Min(JournalRecord.DetailBytesMax, text.Length - from));
                Write(new(_sequence + 1, planId, stage, kind, (byte)part, (byte)parts, piece));
            }
        }
    }

    /// <summary>Writes a text and wipes every earlier one of its kind from the disk: for what must not be found there any more.</summary>
    public void Replace(string planId, JournalKind kind, string detail)
    {
        lock (_gate)
        {
            var before = _records.Values.Where(record => record.Kind == kind).Select(record => record.Sequence).ToList();
            Append(planId, "", kind, detail);
            Block.Clear();
            foreach (var sequence in before.Where(_records.Remove))
                RandomAccess.Write(_file, Block, _offset + (long)((sequence - 1) % (ulong)_slots) * Limits.JournalRecordBytes);
            RandomAccess.FlushToDisk(_file);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_block);
        _file.Dispose();
    }

    private IEnumerable<JournalRecord> Of(string planId)
    {
        lock (_gate) return [.. _records.Values.Where(record => record.PlanId == planId)];
    }

    private Span<byte> Block => new(_block, Limits.JournalRecordBytes);

    private void Write(JournalRecord record)
    {
        record.Write(Block);
        var slot = (long)((record.Sequence - 1) % (ulong)_slots);
        RandomAccess.Write(_file, Block, _offset + slot * Limits.JournalRecordBytes);
        RandomAccess.FlushToDisk(_file);
        _sequence = record.Sequence;
        _records[record.Sequence] = record;
        _records.Remove(record.Sequence - (ulong)_slots);
        Carry();
    }

    // What still counts is written again well before its place is needed, so that no power cut finds it half moved.
    private void Carry()
    {
        var coming = _sequence + CarryAhead - (ulong)_slots;
        if (_sequence + CarryAhead <= (ulong)_slots || !_records.TryGetValue(coming, out var old) || old.PlanId != PlanId) return;
        if (old.Kind is JournalKind.Began or JournalKind.Failed || old.Part != 0) return;
        var repeated = _records.Values.Any(record => record.Sequence > coming && record.Kind == old.Kind && record.Part == 0
            && (old.Kind != JournalKind.Done || record.Stage == old.Stage));
        if (!repeated) Append(old.PlanId, old.Stage, old.Kind, Newest(old.PlanId, old.Kind) ?? "");
    }

    private void Load()
    {
        for (var slot = 0L; slot < _slots; slot++)
        {
            var read = RandomAccess.Read(_file, Block, _offset + slot * Limits.JournalRecordBytes);
            if (read < Limits.JournalRecordBytes) break;
            if (JournalRecord.Read(Block) is { } record) _records[record.Sequence] = record;
        }
        _sequence = _records.Count == 0 ? 0 : _records.Keys.Last();
    }
}
