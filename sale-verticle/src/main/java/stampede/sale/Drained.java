package stampede.sale;

import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import stampede.protocol.port.Completion;

/**
 * How far MySQL has one partition, as far as this node knows, and what follows when that is further
 * than the log goes: the log has lost its end, and nobody may go on with what is left.
 *
 * <pre>
 *   before a lease is acquired   MySQL is asked; nobody knows? what drains said ──► {@link Acquisition} compares
 *   while there is a tenure      drains say it all the time ──► beyond what it wrote? it falls silent, MySQL is asked
 *                                                               ├─ not so (any more): it goes on
 *                                                               └─ it is so, or nobody knows: it ends ──► Acquisition
 * </pre>
 *
 * <p>No drain is ever beyond what a sound owner wrote. What is drained was in the log before, and
 * the log is the one this tenure began with and what it sent: every entry known to be durable, and
 * the one on its way, whose reply may be late, lost or never sent, and of which there is one only.
 * So a drain that is further has seen a longer log: one that was lost since, or one that a later
 * owner writes, as this one was fenced and has not heard of it, perhaps because it was frozen. The
 * tenure is over in either case. Which of the two it was, the next acquire shows: it compares what
 * was said before with a log read after, and a log that is sound has grown meanwhile if anything.
 * MySQL is asked because a drain may say for a while what was true before MySQL was restored from a
 * copy.
 */
final class Drained {
  private final int partition;
  private final SaleStart start;
  private final Course course;

  /** What MySQL said itself the last time, or the most any drain has said since. 0 = nothing. */
  private long known;

  private @Nullable Tenure doubted;

  Drained(int partition, SaleStart start, Course course) {
    this.partition = partition;
    this.start = start;
    this.course = course;
  }

  /** The position MySQL has, or, when nobody can ask it, what was said of it. */
  void ask(LongConsumer then) {
    Completion<Long> answered =
        (position, failure) -> {
          if (position != null) {
            known = position;
          }
          then.accept(known);
        };
    start.cursors().ask(partition, course.whileLasting(answered));
  }

  /** A drain says that MySQL has everything up to {@code position}; others may be behind it. */
  void heard(long position) {
    known = Math.max(known, position);
    Tenure current = course.tenure();
    if (current != null) {
      tell(current);
    }
  }

  /** Tells a tenure, also to one that is about to open. */
  void tell(Tenure tenure) {
    if (known <= tenure.writtenMax()) {
      tenure.drained(known);
    } else if (tenure != doubted) {
      doubt(tenure);
    }
  }

  private void doubt(Tenure tenure) {
    doubted = tenure;
    tenure.suspend();
    start
        .cursors()
        .ask(
            partition,
            (position, failure) -> {
              if (tenure != doubted) {
                return;
              }
              doubted = null;
              if (position != null) {
                known = position;
              }
              resolve(tenure);
            });
  }

  private void resolve(Tenure tenure) {
    if (known <= tenure.writtenMax()) {
      tenure.drained(known);
      tenure.goOn();
    } else {
      tenure.end("MySQL has position " + known + ", this owner wrote up to " + tenure.writtenMax());
    }
  }
}
