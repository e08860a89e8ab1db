package stampede.rig.check.log;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import stampede.rig.check.Dump;
import stampede.rig.check.Findings;
import stampede.rig.check.log.LogEvent.Owned;

/**
 * Reads the log of one partition and checks what holds of any log: S6, epochs never decrease and
 * each begins with its one {@code owned}; S7, positions are contiguous from 1, or from where a cut
 * in the log lets it begin, every entry is as it was written, time does not go back, and the record
 * beside the log ends where the log does.
 *
 * <p>Goes on after a fault where it can. An entry that cannot be decoded at all is left out.
 */
public final class LogReader {
  private final int partition;
  private final Findings findings;
  private final List<LogEvent> events = new ArrayList<>();
  private final Map<Long, PartitionLog.Ending> endings = new HashMap<>();
  private final Set<String> batches = new HashSet<>();
  private final Set<Long> epochsOwned = new HashSet<>();
  private long cutAway;
  private long end;
  private long epoch;
  private long at;
  private String lastBatch = "0";

  private LogReader(int partition, Findings findings) {
    this.partition = partition;
    this.findings = findings;
  }

  /** The logs of all partitions, by number; those never written are empty. */
  public static Map<Integer, PartitionLog> read(Dump stores, Findings findings) {
    Map<Integer, LogReader> readers = new TreeMap<>();
    for (int partition = 0; partition < stores.partitions(); partition++) {
      readers.put(partition, new LogReader(partition, findings));
    }
    for (Dump.Entry entry : stores.log()) {
      readers.computeIfAbsent(entry.partition(), p -> new LogReader(p, findings)).take(entry);
    }
    Map<Integer, Dump.Owner> owners = new HashMap<>();
    stores.owners().forEach(owner -> owners.put(owner.partition(), owner));
    Map<Integer, PartitionLog> logs = new TreeMap<>();
    readers.forEach((partition, reader) -> logs.put(partition, reader.log(owners)));
    findings.checked("log entries", stores.log().size());
    return logs;
  }

  private void take(Dump.Entry entry) {
    LogDecoder.Group group;
    try {
      group = LogDecoder.decode(entry);
    } catch (Payload.Damaged e) {
      findings.add("S7", partition, end + 1, "", "entry " + entry.id() + ": " + e.getMessage());
      return;
    }
    if (!group.fault().isEmpty()) {
      findings.add("S7", partition, group.first(), "", group.fault());
    }
    if (events.isEmpty() && end == 0 && group.first() > 1) {
      cutAway = group.first() - 1;
      end = cutAway;
    }
    if (group.first() != end + 1) {
      findings.add(
          "S7",
          partition,
          group.first(),
          "",
          "the entry follows position " + end + ", not its own");
    }
    if (!batches.add(group.epoch() + " " + group.batch())) {
      findings.add(
          "S7", partition, group.first(), "", "batch " + group.batch() + " is there twice");
    }
    checkEpoch(group);
    checkTime(group);
    events.addAll(group.events());
    end = group.last();
    lastBatch = group.batch();
    endings.put(end, new PartitionLog.Ending(group.first(), group.batch()));
  }

  private void checkEpoch(LogDecoder.Group group) {
    if (group.epoch() < epoch) {
      String problem = "epoch " + group.epoch() + " after epoch " + epoch;
      findings.add("S6", partition, group.first(), "", problem);
    }
    boolean begins = group.epoch() != epoch && (cutAway == 0 || epoch > 0);
    epoch = Math.max(epoch, group.epoch());
    if (begins && !(group.events().get(0) instanceof Owned)) {
      String problem = "epoch " + group.epoch() + " does not begin with owned";
      findings.add("S6", partition, group.first(), "", problem);
    }
    for (LogEvent event : group.events()) {
      if (event instanceof Owned owned) {
        checkOwned(owned, group.epoch());
      }
    }
  }

  private void checkOwned(Owned owned, long entryEpoch) {
    if (owned.epoch() != entryEpoch) {
      String problem = "owned of epoch " + owned.epoch() + " in an entry of epoch " + entryEpoch;
      findings.add("S6", partition, owned.position(), "", problem);
    }
    if (!epochsOwned.add(owned.epoch())) {
      String problem = "epoch " + owned.epoch() + " is owned a second time";
      findings.add("S6", partition, owned.position(), "", problem);
    }
  }

  private void checkTime(LogDecoder.Group group) {
    for (LogEvent event : group.events()) {
      if (event.at() < at) {
        String problem = "time goes back from " + at + " to " + event.at();
        findings.add("S7", partition, event.position(), "", problem);
      }
      at = Math.max(at, event.at());
    }
  }

  private PartitionLog log(Map<Integer, Dump.Owner> owners) {
    Dump.Owner owner = owners.get(partition);
    if (owner == null) {
      if (end > 0) {
        findings.add("S7", partition, end, "", "the log has no record beside it");
      }
    } else {
      checkRecord(owner);
    }
    checkCut();
    return new PartitionLog(partition, cutAway, List.copyOf(events), endings);
  }

  private void checkCut() {
    boolean said = cutAway == 0;
    for (LogEvent event : events) {
      said |= event instanceof LogEvent.Cut cut && cut.upTo() >= cutAway;
    }
    if (!said) {
      String problem = "the log begins behind position " + cutAway + ", and no cut says it may";
      findings.add("S7", partition, cutAway + 1, "", problem);
    }
  }

  private void checkRecord(Dump.Owner owner) {
    if (owner.position() != end) {
      String problem = "the log ends at " + end + ", its record says " + owner.position();
      findings.add("S7", partition, end, "", problem);
    } else if (end > 0 && !owner.lastBatch().equals(lastBatch)) {
      String problem = "the last batch is " + lastBatch + ", the record says " + owner.lastBatch();
      findings.add("S7", partition, end, "", problem);
    }
    if (owner.epoch() < epoch) {
      String problem = "the log is in epoch " + epoch + ", its record in " + owner.epoch();
      findings.add("S6", partition, end, "", problem);
    }
  }
}
