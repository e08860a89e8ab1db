package stampede.rig.sim;

import java.util.List;
import stampede.protocol.JournalEntry;
import stampede.protocol.port.Completion;
import stampede.sale.journal.Journal;

/** A journal that passes every call on; a subclass bends the few it is about. */
public class BentJournal implements Journal {
  protected final Journal journal;

  public BentJournal(Journal journal) {
    this.journal = journal;
  }

  @Override
  public void acquire(
      String node, long nonce, long expectedEpoch, long leaseMs, Completion<Acquired> done) {
    journal.acquire(node, nonce, expectedEpoch, leaseMs, done);
  }

  @Override
  public void append(JournalEntry entry, long nonce, Completion<Appended> done) {
    journal.append(entry, nonce, done);
  }

  @Override
  public void renew(long epoch, long nonce, Completion<Renewed> done) {
    journal.renew(epoch, nonce, done);
  }

  @Override
  public void release(long epoch, long nonce, Completion<Boolean> done) {
    journal.release(epoch, nonce, done);
  }

  @Override
  public void cut(long epoch, long nonce, long position, Completion<Cut> done) {
    journal.cut(epoch, nonce, position, done);
  }

  @Override
  public void owner(Completion<Owner> done) {
    journal.owner(done);
  }

  @Override
  public void read(long afterPosition, int entriesMax, Completion<List<JournalEntry>> done) {
    journal.read(afterPosition, entriesMax, done);
  }

  @Override
  public void checkSettings(Completion<Settings> done) {
    journal.checkSettings(done);
  }

  @Override
  public void close() {
    journal.close();
  }
}
