package stampede.sale;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import stampede.protocol.BatchReply;
import stampede.protocol.HandOver;
import stampede.protocol.port.Completion;
import stampede.sale.journal.Journal;

/**
 * The giving side of a hand-over: an owner that lives gives its partition up, to a node that asked
 * for it, because no edge reaches this one, or because an operator wants it. What was decided
 * becomes durable and is answered, then the lease is given up and this tenure is over, also when
 * that takes too long.
 */
final class GivingOver {
  private static final long FLUSH_MS = 1_500;
  private static final long ASKS_NOT_MS = 60_000;

  private final int partition;
  private final SaleStart start;
  private final Journal journal;
  private final Course course;
  private final Approach approach;
  private final Leaving leaving;
  private final Retreat retreat;
  private final OtherOwner other;

  /** The tenure was over before it could be given over. */
  private static final class Ended extends Exception {
    private Ended() {
      super("ended", null, false, false);
    }
  }

  GivingOver(
      int partition,
      SaleStart start,
      Journal journal,
      Course course,
      Approach approach,
      Leaving leaving,
      Retreat retreat,
      OtherOwner other) {
    this.partition = partition;
    this.start = start;
    this.journal = journal;
    this.course = course;
    this.approach = approach;
    this.leaving = leaving;
    this.retreat = retreat;
    this.other = other;
  }

  /** A node that has read the log asks for the partition. */
  void asked(HandOver asks, Completion<HandOver.Answer> done) {
    Tenure current = course.serving();
    if (current == null || leaving.givesUp()) {
      done.succeed(new HandOver.Answer(false, "not_serving"));
    } else if (asks.epoch() != current.epoch()) {
      done.succeed(new HandOver.Answer(false, "other_epoch"));
    } else if (!leaving.begun() && !approach.isBeforeMe(asks.node())) {
      done.succeed(new HandOver.Answer(false, "not_before_me"));
    } else {
      giveTo(asks, current, done);
    }
  }

  /**
   * An operator asks, for any node but this one. It does not ask to have the partition back for as
   * long as one that no edge reaches does not.
   */
  void stepAside(HandOver asks, Completion<HandOver.Answer> done) {
    Tenure current = course.serving();
    if (current == null) {
      done.succeed(new HandOver.Answer(false, "not_serving"));
    } else if (asks.epoch() != current.epoch()) {
      done.succeed(new HandOver.Answer(false, "other_epoch"));
    } else if (leaving.begun()) {
      done.succeed(new HandOver.Answer(false, "leaving"));
    } else if (!approach.othersStay()) {
      done.succeed(new HandOver.Answer(false, "no_other_node"));
    } else {
      keepAway();
      release(current, "", (released, failure) -> done.succeed(answer(failure)));
    }
  }

  private void keepAway() {
    retreat.keepAway();
    approach.keepAway(ASKS_NOT_MS);
  }

  private static HandOver.Answer answer(@Nullable Throwable failure) {
    boolean ended = failure instanceof Ended;
    return failure == null
        ? new HandOver.Answer(true, "")
        : new HandOver.Answer(false, ended ? "ended" : "journal_unreachable");
  }

  private void giveTo(HandOver asks, Tenure current, Completion<HandOver.Answer> done) {
    // From now on: edges are there, and wait, when the next owner opens.
    other.named(new BatchReply.NotOwner(asks.epoch() + 1, asks.node(), asks.address()));
    release(
        current,
        asks.node(),
        (released, failure) -> {
          if (failure == null) {
            start.turns().gaveOver(start.timers().millis());
          } else {
            other.none();
          }
          done.succeed(answer(failure));
        });
  }

  /**
   * Edges can't reach this node: perhaps they reach another.
   *
   * @param servingSinceMs of {@code Timers.millis}
   */
  void stepDownIfDeaf(long servingSinceMs) {
    Tenure current = course.serving();
    if (current == null
        || leaving.begun()
        || !start.edges().isDeaf(servingSinceMs)
        || !approach.othersStay()) {
      return;
    }
    start
        .outlet()
        .alarm(
            "partition.deaf",
            "partition " + partition + " is given up: no edge reaches " + start.node());
    keepAway();
    release(current, "", (released, failure) -> {});
  }

  /**
   * @param next who it is given to; empty = whoever comes
   */
  private void release(Tenure giving, String next, Completion<Boolean> done) {
    course.go(Course.Status.HANDING_OVER);
    long beganNanos = start.timers().nanos();
    BooleanSupplier lasts = course.lasting();
    Runnable flushed =
        new Once(
            () -> {
              if (lasts.getAsBoolean()) {
                closeAndRelease(giving, next, beganNanos, done);
              } else {
                done.fail(new Ended());
              }
            });
    start.timers().after(FLUSH_MS, flushed);
    giving.handOver(flushed);
  }

  private void closeAndRelease(
      Tenure giving, String next, long beganNanos, Completion<Boolean> done) {
    long flushedNanos = start.timers().nanos();
    course.endTenure();
    giving.close();
    Runnable lookAgain = course.whileLasting(() -> retreat.lookAgain(Retreat.RETRY_MS));
    journal.release(
        giving.epoch(),
        start.nonce(),
        (released, failure) -> {
          if (failure == null) {
            long tookNanos = start.timers().nanos() - flushedNanos;
            start.outlet().givenUp(giving.epoch(), next, flushedNanos - beganNanos, tookNanos);
          }
          done.done(released, failure);
          if (leaving.begun()) {
            leaving.giveUp();
          } else {
            lookAgain.run();
          }
        });
  }
}
