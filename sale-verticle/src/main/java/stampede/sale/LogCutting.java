package stampede.sale;

import java.util.ArrayDeque;
import stampede.protocol.port.Timers;
import stampede.sale.engine.SaleEngine;
import stampede.sale.journal.Journal;
import stampede.sale.journal.Journal.Cut;

/**
 * Lets an owner's log begin later once a session was archived:
 *
 * <pre>
 *   archived, and drained beyond ──► MySQL's cursor ──► LogCut ──► durable ──► cut, piece by piece
 *            as it was heard          asked for now                    ▲
 *   an earlier owner said so, and may not have got further ────────────┘
 * </pre>
 *
 * <p>Nothing is cut that MySQL does not have at that moment: what was heard of it may be of before
 * it was restored from a copy. What fails is done at the next look. The key of an operator's
 * command is gone with the log it is in, so that stays a while; by a clock that nobody sets, and
 * counted anew by every owner.
 */
final class LogCutting {
  private static final long LOOK_EVERY_MS = 1_000;

  /** Longer than a command is sent again whose answer was lost. */
  private static final long KEYS_KEPT_MS = 30_000;

  /** Positions cut away in one step: the store does nothing else meanwhile. */
  private static final long PIECE = 100_000;

  private record Mark(long atMs, long position) {}

  private final int partition;
  private final SaleStart start;
  private final Journal journal;
  private final Tenure tenure;
  private final SaleEngine engine;
  private final Timers timers;
  private final ArrayDeque<Mark> marks = new ArrayDeque<>();
  private long forgettable;
  private boolean busy;
  private long lookAtMs = Long.MIN_VALUE;
  private long saidAt;
  private long goneUpTo;

  LogCutting(int partition, SaleStart start, Journal journal, Tenure tenure) {
    this.partition = partition;
    this.start = start;
    this.journal = journal;
    this.tenure = tenure;
    this.engine = tenure.engine();
    this.timers = start.timers();
  }

  /** Called often; does something now and then. */
  void look() {
    if (busy || timers.millis() < lookAtMs || !tenure.takesCommands()) {
      return;
    }
    lookAtMs = timers.millis() + LOOK_EVERY_MS;
    letKeysGrowOld();
    boolean toSay = !engine.cut(tenure.drained(), forgettable, tenure.now()).isEmpty();
    boolean toCut = engine.cutUpTo() > goneUpTo && saidAt <= tenure.durable();
    if (toSay || toCut) {
      busy = true;
      start
          .cursors()
          .ask(
              partition,
              (drained, failure) -> {
                busy = false;
                if (drained != null && tenure.takesCommands()) {
                  drained(toSay, drained);
                }
              });
    }
  }

  private void letKeysGrowOld() {
    long nowMs = timers.millis();
    marks.add(new Mark(nowMs, tenure.durable()));
    while (marks.element().atMs() <= nowMs - KEYS_KEPT_MS) {
      forgettable = marks.remove().position();
    }
  }

  private void drained(boolean toSay, long drained) {
    if (toSay) {
      tenure.cut(drained, forgettable);
      saidAt = engine.position();
    } else {
      cut(Math.min(engine.cutUpTo(), drained), 1);
    }
  }

  private void cut(long upTo, long now) {
    busy = true;
    journal.cut(
        tenure.epoch(),
        start.nonce(),
        now,
        (reply, failure) -> {
          busy = false;
          if (!(reply instanceof Cut.Ok ok) || !tenure.takesCommands()) {
            return; // who was fenced hears of it with the next append
          }
          if (now < upTo) {
            cut(upTo, Math.min(upTo, ok.first() + PIECE));
          } else {
            goneUpTo = upTo;
          }
        });
  }
}
