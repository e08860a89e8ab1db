package stampede.rig.capacity;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import stampede.rig.capacity.Message.Said;

/**
 * One edge, as far as one partition goes: a line an item, the partition's queue, messages under
 * way, time-outs, what it knows of sold-out items, frames to those who watch.
 */
final class EdgeModel {
  private static final double MS = 1_000;

  /** An item's line. */
  private static final class Line {
    final ArrayDeque<Shake> waiting = new ArrayDeque<>();
    int beyond;
    long passed;
    boolean soldOut;
  }

  private final SaleModel sale;
  private final Agenda agenda;
  private final Bounds bounds;
  private final Loop loop;
  private final SplittableRandom random;
  private final Line[] lines;
  private final ArrayDeque<Shake> fresh = new ArrayDeque<>();
  private final ArrayDeque<Message> again = new ArrayDeque<>();
  private int inFlight;
  private boolean asks;

  EdgeModel(SaleModel sale, Loop loop, int items, SplittableRandom random) {
    this.sale = sale;
    this.agenda = sale.agenda;
    this.bounds = sale.bounds;
    this.loop = loop;
    this.random = random;
    lines = new Line[items];
    for (int item = 0; item < items; item++) {
      lines[item] = new Line();
    }
  }

  Loop loop() {
    return loop;
  }

  /** A shake's frame is here; half of its work is done on the way in, half on the way out. */
  void hear(Shake shake) {
    loop.addFrame(
        new Loop.Task() {
          private boolean refused;

          @Override
          public double micros() {
            refused = lines[shake.item].soldOut;
            return refused ? sale.refusedMicros : sale.shakeMicros / 2;
          }

          @Override
          public void done() {
            if (refused) {
              sale.answer(shake, false);
            } else {
              enter(shake);
            }
          }
        });
  }

  private void enter(Shake shake) {
    Line line = lines[shake.item];
    boolean atOnce = line.waiting.isEmpty() && line.beyond < bounds.beyondLineMax();
    if (fresh.size() >= bounds.queueMax() || !atOnce && line.waiting.size() >= bounds.lineMax()) {
      busy(shake, line);
      return;
    }
    line.waiting.add(shake);
    if (!atOnce) {
      agenda.after(bounds.lineWaitMs() * MS, () -> giveUp(shake, line));
    }
    shake.attemptAt = agenda.now();
    move(line);
  }

  private void giveUp(Shake shake, Line line) {
    // First come, first served: only the head can have waited that long.
    if (!line.waiting.isEmpty() && line.waiting.peek() == shake) {
      line.waiting.remove();
      busy(shake, line);
    }
  }

  private void busy(Shake shake, Line line) {
    double aSecond = line.passed * 1e6 / Math.max(1, agenda.now());
    double etaMs = aSecond == 0 ? 0 : (line.waiting.size() + line.beyond) * 1e3 / aSecond;
    double waitMs = Math.max(Bounds.BUSY_RETRY_MS_MIN, etaMs);
    sale.busy();
    agenda.after((waitMs + random.nextInt(Bounds.BUSY_SPREAD_MS)) * MS, () -> hear(shake));
  }

  private void move(Line line) {
    while (!line.waiting.isEmpty() && line.beyond < bounds.beyondLineMax()) {
      line.beyond++;
      line.passed++;
      fresh.add(line.waiting.remove());
      sale.peakBeyondLine(line.beyond);
    }
    sale.peakQueue(fresh.size());
    pump();
  }

  private void pump() {
    while (inFlight < bounds.batchesMax() && !(fresh.isEmpty() && again.isEmpty())) {
      Message message = again.poll();
      send(message == null ? collect() : message);
    }
  }

  private Message collect() {
    List<Shake> shakes = new ArrayList<>(Math.min(fresh.size(), bounds.batchMax()));
    while (!fresh.isEmpty() && shakes.size() < bounds.batchMax()) {
      shakes.add(fresh.remove());
    }
    return new Message(this, shakes, 0);
  }

  private void send(Message message) {
    inFlight++;
    sale.peakBatch(message.shakes.size(), inFlight);
    agenda.after(Bounds.REQUEST_TIMEOUT_MS * MS, () -> timeOut(message));
    sale.toOwner(message);
  }

  private void timeOut(Message message) {
    if (!message.over) {
      message.over = true;
      inFlight--;
      sale.timedOut();
      retry(message);
      pump();
    }
  }

  /** From the owner; a message that was given up is not waited for. */
  void reply(Message message, Said said) {
    int answers = said == Said.ANSWERED ? message.shakes.size() : 0;
    double micros = sale.messageMicros + answers * sale.shakeMicros / 2;
    loop.add(micros, () -> receive(message, said));
  }

  private void receive(Message message, Said said) {
    if (message.over) {
      return;
    }
    message.over = true;
    inFlight--;
    if (said == Said.ANSWERED) {
      message.shakes.forEach(this::settle);
    } else {
      retry(message);
    }
    pump();
  }

  private void settle(Shake shake) {
    Line line = lines[shake.item];
    line.beyond--;
    sale.answer(shake, shake.accepted);
    move(line);
  }

  private void retry(Message message) {
    Message next = new Message(this, message.shakes, message.attempts + 1);
    double lifeEndsAt = message.shakes.get(0).attemptAt + Bounds.LIFE_MS * MS;
    if (agenda.now() >= lifeEndsAt) {
      message.shakes.forEach(this::unresolved);
      return;
    }
    long backoffMs =
        Math.min(Bounds.BACKOFF_MAX_MS, Bounds.BACKOFF_MIN_MS << Math.min(8, message.attempts));
    agenda.after(
        backoffMs * MS,
        () -> {
          again.add(next);
          pump();
        });
  }

  /** Ten seconds are over: told {@code pending} for good, it counts as unanswered. */
  private void unresolved(Shake shake) {
    lines[shake.item].beyond--;
    move(lines[shake.item]);
  }

  /**
   * An owner's hint has come: from now on the edge refuses by itself, and asks as long as it does.
   */
  void hearSoldOut(int item, double watchers) {
    lines[item].soldOut = true;
    push(watchers);
    if (!asks) {
      asks = true;
      ask();
    }
  }

  private void ask() {
    sale.question();
    if (!sale.isQuiet()) {
      agenda.after(Bounds.ASK_EVERY_MS * MS, this::ask);
    }
  }

  /** A frame to each of those, so many at a time. */
  void push(double watchers) {
    double portion = Math.min(watchers, sale.portion);
    double left = watchers - portion;
    loop.add(
        portion * sale.pushMicros,
        () -> {
          sale.proxied(portion, () -> {});
          if (left >= 1) {
            push(left);
          }
        });
  }
}
