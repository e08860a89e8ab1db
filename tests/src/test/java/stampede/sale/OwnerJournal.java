package stampede.sale;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import stampede.protocol.JournalEntry;
import stampede.protocol.port.Completion;
import stampede.sale.journal.Journal;

/** A journal as one process sees it, with hands on what is read and on when appends leave. */
final class OwnerJournal implements Journal {
  final List<JournalEntry> appends = new ArrayList<>();
  final List<Long> cuts = new ArrayList<>();
  boolean cutIsLost;
  int renewals;
  int readsFromTheBeginning;
  int entriesRead;
  int reads;
  UnaryOperator<List<JournalEntry>> reading = entries -> entries;
  @Nullable Throwable acquireFails;
  @Nullable Appended appendAnswers;

  private final Journal journal;
  private final OwnerProcess process;
  private final ArrayDeque<Runnable> held = new ArrayDeque<>();
  private boolean holding;

  OwnerJournal(Journal journal, OwnerProcess process) {
    this.journal = journal;
    this.process = process;
  }

  /** From now on appends stay on this side. */
  void hold() {
    holding = true;
  }

  void letGo() {
    holding = false;
    while (!held.isEmpty()) {
      held.poll().run();
    }
  }

  @Override
  public void acquire(
      String node, long nonce, long expectedEpoch, long leaseMs, Completion<Acquired> done) {
    if (acquireFails != null) {
      done.fail(acquireFails);
      return;
    }
    journal.acquire(node, nonce, expectedEpoch, leaseMs, here(done));
  }

  @Override
  public void append(JournalEntry entry, long nonce, Completion<Appended> done) {
    appends.add(entry);
    Appended answer = appendAnswers;
    if (answer != null) {
      appendAnswers = null;
      process.after(1, () -> done.succeed(answer));
    } else if (holding) {
      held.add(() -> journal.append(entry, nonce, here(done)));
    } else {
      journal.append(entry, nonce, here(done));
    }
  }

  @Override
  public void renew(long epoch, long nonce, Completion<Renewed> done) {
    renewals++;
    journal.renew(epoch, nonce, here(done));
  }

  @Override
  public void release(long epoch, long nonce, Completion<Boolean> done) {
    journal.release(epoch, nonce, here(done));
  }

  @Override
  public void cut(long epoch, long nonce, long position, Completion<Cut> done) {
    cuts.add(position);
    if (cutIsLost) {
      process.after(1, () -> done.fail(new Unreachable("lost")));
    } else {
      journal.cut(epoch, nonce, position, here(done));
    }
  }

  @Override
  public void owner(Completion<Owner> done) {
    journal.owner(here(done));
  }

  @Override
  public void read(long afterPosition, int entriesMax, Completion<List<JournalEntry>> done) {
    readsFromTheBeginning += afterPosition == 0 ? 1 : 0;
    reads++;
    Completion<List<JournalEntry>> bent =
        (entries, failure) -> {
          entriesRead += entries == null ? 0 : entries.size();
          done.done(entries == null ? null : reading.apply(entries), failure);
        };
    journal.read(afterPosition, entriesMax, here(bent));
  }

  @Override
  public void checkSettings(Completion<Settings> done) {
    journal.checkSettings(here(done));
  }

  @Override
  public void close() {
    journal.close();
  }

  private <T> Completion<T> here(Completion<T> done) {
    return (result, failure) -> process.run(() -> done.done(result, failure));
  }
}
