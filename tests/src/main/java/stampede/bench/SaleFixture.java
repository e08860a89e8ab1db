package stampede.bench;

import java.util.ArrayList;
import java.util.List;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.Command.Publish;
import stampede.protocol.Command.Shake;
import stampede.protocol.CommandBatch;
import stampede.protocol.JournalEntry;
import stampede.protocol.Limits;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleItem;
import stampede.protocol.Warrant;
import stampede.sale.engine.Decision;
import stampede.sale.engine.SaleEngine;

/** One open item of one partition, its shoppers' commands, and the log they lead to. */
public final class SaleFixture {
  static final int PARTITION = 0;
  static final long ITEM = 1_001;
  static final long NOW_MS = 1_800_000_000_000L;
  static final long EVENTS_MAX = 20_000_000;

  private SaleFixture() {}

  static SaleItem item(long id, long stock) {
    return item(id, NOW_MS, stock, 1, 3_600_000, 0);
  }

  /** On sale since a second before {@code nowMs}, for a day. */
  public static SaleItem item(
      long id, long nowMs, long stock, int limitPerUser, long payWithinMs, long cooldownMs) {
    return new SaleItem(
        id,
        7,
        "Phone",
        100,
        100,
        "CNY",
        nowMs - 1_000,
        nowMs + 86_400_000,
        stock,
        limitPerUser,
        payWithinMs,
        cooldownMs,
        Limits.GATE_OPEN,
        List.of());
  }

  /** An engine that owns its partition and sells {@code stock} units. */
  static SaleEngine engine(long stock) {
    SaleEngine engine = new SaleEngine(PARTITION, EVENTS_MAX);
    engine.apply(new SaleEvent.Owned(1, "bench", 1, NOW_MS - 2_000));
    Warrant warrant = new Warrant("bench", "", Bytes.EMPTY, true);
    Decision published = engine.decide(new Publish(item(ITEM, stock), warrant), NOW_MS - 500);
    published.events().forEach(engine::apply);
    return engine;
  }

  /** Shakes of different users, as they leave the decoder. */
  static Shake[] shakes(long item, String crowd, int count) {
    Shake[] shakes = new Shake[count];
    for (int i = 0; i < count; i++) {
      // Ids without order, as a shop's are; a key as long as a client makes it.
      String id = Long.toHexString(Bytes.mix64(i));
      shakes[i] = new Shake(item, Bytes.of(crowd + "-" + id), Bytes.of("k-" + id), 1);
    }
    return shakes;
  }

  /** The same on the wire; whole batches only. */
  static List<byte[]> batches(String crowd, int count, int commands) {
    List<Command> all = List.of(shakes(ITEM, crowd, count));
    List<byte[]> batches = new ArrayList<>();
    for (int from = 0; from + commands <= count; from += commands) {
      List<Command> some = all.subList(from, from + commands);
      batches.add(new CommandBatch(PARTITION, 1, some).encode());
    }
    return batches;
  }

  /** The log of a sale in which {@code orders} users were accepted, in groups. */
  static List<JournalEntry> log(int partition, long item, int orders, int eventsPerEntry) {
    SaleEngine engine = new SaleEngine(partition, EVENTS_MAX);
    List<SaleEvent> events = new ArrayList<>(orders + 3);
    Warrant warrant = new Warrant("bench", "", Bytes.EMPTY, true);
    applyAll(engine, List.of(new SaleEvent.Owned(1, "bench", 1, NOW_MS - 2_000)), events);
    Publish publish = new Publish(item(item, orders), warrant);
    applyAll(engine, engine.decide(publish, NOW_MS - 500).events(), events);
    for (Shake shake : shakes(item, "w", orders)) {
      applyAll(engine, engine.decide(shake, NOW_MS + events.size() / 100).events(), events);
    }
    return entries(partition, events, eventsPerEntry);
  }

  private static void applyAll(SaleEngine engine, List<SaleEvent> events, List<SaleEvent> log) {
    events.forEach(engine::apply);
    log.addAll(events);
  }

  private static List<JournalEntry> entries(
      int partition, List<SaleEvent> events, int eventsPerEntry) {
    List<JournalEntry> entries = new ArrayList<>();
    for (int from = 0; from < events.size(); from += eventsPerEntry) {
      int to = Math.min(events.size(), from + eventsPerEntry);
      long batch = entries.size() + 1L;
      entries.add(JournalEntry.of(partition, 1, from + 1L, batch, events.subList(from, to)));
    }
    return entries;
  }
}
