package stampede.rig.check.log;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import stampede.rig.check.log.LogEvent.Published;

/** An item as the log tells of it. Changed by {@link Books} alone. */
public final class Item {
  private static final long NOT = Long.MAX_VALUE;

  /** By the log's times. */
  private record Spell(long fromMs, long toMs) {}

  private final Published published;
  private final Map<String, Long> unitsByUser = new HashMap<>();
  private long available;
  private long held;
  private long sold;
  private long stock;
  private long stockPosition;
  private final List<Spell> soldOut = new ArrayList<>();
  private long soldOutSince = NOT;
  boolean open;
  boolean ended;
  boolean paused;
  boolean sessionPaused;
  boolean archived;
  int portions;

  Item(Published published) {
    this.published = published;
    available = published.stock();
    stock = published.stock();
    stockPosition = published.position();
  }

  public Published published() {
    return published;
  }

  public long available() {
    return available;
  }

  public long held() {
    return held;
  }

  public long sold() {
    return sold;
  }

  public long stock() {
    return stock;
  }

  /** Of the last event that moved units. */
  public long stockPosition() {
    return stockPosition;
  }

  /** Its window has opened, and not closed. */
  public boolean isOpen() {
    return open && !ended;
  }

  public boolean isEnded() {
    return ended;
  }

  public boolean isPaused() {
    return paused || sessionPaused;
  }

  /** Of orders held or paid. */
  public long unitsOf(String user) {
    return unitsByUser.getOrDefault(user, 0L);
  }

  void moveUnitsOf(String user, long units) {
    unitsByUser.merge(user, units, Long::sum);
  }

  void move(long toAvailable, long toHeld, long toSold, long toStock, long position) {
    available += toAvailable;
    held += toHeld;
    sold += toSold;
    stock += toStock;
    stockPosition = position;
  }

  /** An event of that time has been applied. */
  void look(long atMs) {
    boolean now = isOpen() && !isPaused() && available == 0;
    if (now && soldOutSince == NOT) {
      soldOutSince = atMs;
    } else if (!now && soldOutSince != NOT) {
      soldOut.add(new Spell(soldOutSince, atMs));
      soldOutSince = NOT;
    }
  }

  /** Whether it was open and nothing available at some moment between, ends included. */
  public boolean wasSoldOut(long fromMs, long toMs) {
    if (fromMs > toMs) {
      return false;
    }
    return soldOutSince <= toMs && soldOutSince != NOT
        || soldOut.stream().anyMatch(spell -> spell.fromMs <= toMs && spell.toMs >= fromMs);
  }

  boolean balances() {
    return available >= 0 && held >= 0 && sold >= 0 && available + held + sold == stock;
  }

  @Override
  public String toString() {
    return "item %s (available %d, held %d, sold %d, stock %d)"
        .formatted(Long.toUnsignedString(published.item()), available, held, sold, stock);
  }
}
