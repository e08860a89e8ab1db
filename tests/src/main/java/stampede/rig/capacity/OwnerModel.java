package stampede.rig.capacity;

import java.util.ArrayDeque;
import stampede.rig.capacity.Message.Said;

/**
 * One partition's owner: decides on its loop, appends one group at a time, holds replies until what
 * they rest on is durable; and the drain behind it.
 */
final class OwnerModel {
  private static final double MS = 1_000;

  private final SaleModel sale;
  private final Agenda agenda;
  private final Bounds bounds;
  private final Loop loop;
  private final Loop redis;
  private final Loop persist;
  private final Loop mysql;
  private final long[] stock;
  private final ArrayDeque<Message> held = new ArrayDeque<>();
  private long position;
  private long durable;
  private long drained;
  private boolean appending;
  private boolean draining;
  private long appends;

  OwnerModel(SaleModel sale, long[] stock, Loop loop, Loop redis, Loop persist, Loop mysql) {
    this.sale = sale;
    this.agenda = sale.agenda;
    this.bounds = sale.bounds;
    this.stock = stock;
    this.loop = loop;
    this.redis = redis;
    this.persist = persist;
    this.mysql = mysql;
  }

  /** A message has come over the bus. */
  void hear(Message message) {
    loop.add(
        new Loop.Task() {
          @Override
          public double micros() {
            double micros = sale.ownerMessageMicros;
            for (Shake shake : message.shakes) {
              micros += stock[shake.item] > 0 ? sale.ownerShakeMicros : sale.ownerRefusedMicros;
            }
            return micros;
          }

          @Override
          public void done() {
            handle(message);
          }
        });
  }

  /** Work beside shakes: a question, a hint to one edge. */
  void aside(double messages) {
    loop.add(messages * sale.ownerMessageMicros, () -> {});
  }

  private void handle(Message message) {
    long collecting = position - durable;
    if (held.size() >= bounds.waitingMax() || collecting >= bounds.collectingMax()) {
      sale.toEdge(message, Said.BUSY);
      return;
    }
    for (Shake shake : message.shakes) {
      decide(shake);
    }
    message.position = position;
    message.heldSince = agenda.now();
    held.add(message);
    sale.peakOwner(held.size(), (int) (position - durable));
    flush();
    answer();
  }

  /** A key that has its order gets that order again. */
  private void decide(Shake shake) {
    if (shake.accepted || stock[shake.item] == 0 || position - drained >= bounds.backlogMax()) {
      return;
    }
    shake.accepted = true;
    position++;
    if (--stock[shake.item] == 0) {
      sale.soldOut(shake.item);
    }
  }

  private void flush() {
    if (appending || position == durable) {
      return;
    }
    appending = true;
    appends++;
    long events = Math.min(bounds.entryMax(), position - durable);
    redis.add(
        sale.appendMicros + events * sale.eventMicros,
        () -> agenda.after(sale.fsyncMicros, () -> written(events)));
  }

  private void written(long events) {
    appending = false;
    durable += events;
    answer();
    flush();
    drain();
  }

  private void answer() {
    while (!held.isEmpty() && held.peek().position <= durable) {
      sale.toEdge(held.remove(), Said.ANSWERED);
    }
    while (!held.isEmpty() && agenda.now() - held.peek().heldSince > Bounds.OWNER_PENDING_MS * MS) {
      sale.toEdge(held.remove(), Said.PENDING);
    }
  }

  private void drain() {
    if (draining || drained == durable) {
      return;
    }
    draining = true;
    long rows = Math.min(bounds.chunkMax(), durable - drained);
    persist.add(
        rows * sale.persistRowMicros,
        () ->
            mysql.add(
                rows * sale.mysqlRowMicros,
                () -> {
                  draining = false;
                  drained += rows;
                  sale.drained();
                  drain();
                }));
  }

  long accepted() {
    return position;
  }

  long drained() {
    return drained;
  }

  long appends() {
    return appends;
  }
}
