package stampede.rig.sim;

import java.util.List;
import stampede.protocol.JournalEntry;
import stampede.protocol.port.Completion;
import stampede.sale.journal.Journal;

/** A journal whose answers reach one process: after its thaw, or never. */
final class ProcessJournal implements Journal {
  private final Journal journal;
  private final SimProcess process;

  ProcessJournal(Journal journal, SimProcess process) {
    this.journal = journal;
    this.process = process;
  }

  @Override
  public void acquire(
      String node, long nonce, long expectedEpoch, long leaseMs, Completion<Acquired> done) {
    journal.acquire(node, nonce, expectedEpoch, leaseMs, process.here(done));
  }

  @Override
  public void append(JournalEntry entry, long nonce, Completion<Appended> done) {
    journal.append(entry, nonce, process.here(done));
  }

  @Override
  public void renew(long epoch, long nonce, Completion<Renewed> done) {
    journal.renew(epoch, nonce, process.here(done));
  }

  @Override
  public void release(long epoch, long nonce, Completion<Boolean> done) {
    journal.release(epoch, nonce, process.here(done));
  }

  @Override
  public void cut(long epoch, long nonce, long position, Completion<Cut> done) {
    journal.cut(epoch, nonce, position, process.here(done));
  }

  @Override
  public void owner(Completion<Owner> done) {
    journal.owner(process.here(done));
  }

  @Override
  public void read(long afterPosition, int entriesMax, Completion<List<JournalEntry>> done) {
    journal.read(afterPosition, entriesMax, process.here(done));
  }

  @Override
  public void checkSettings(Completion<Settings> done) {
    journal.checkSettings(process.here(done));
  }

  @Override
  public void close() {
    journal.close();
  }
}
