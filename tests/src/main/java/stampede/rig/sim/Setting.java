package stampede.rig.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import stampede.protocol.Limits;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleItem;
import stampede.sale.OwnerLimits;

/**
 * How large a world is and what it sells, drawn from its seed.
 *
 * @param devices that many of the shoppers have not signed in
 * @param loadMs how long shoppers shake and faults strike; then all is healed
 * @param items what operators publish during the first seconds
 */
record Setting(
    int sales,
    int edges,
    int persists,
    int shoppers,
    int devices,
    int thinkMs,
    OwnerLimits limits,
    long loadMs,
    List<SaleItem> items) {
  static final int PARTITIONS = 2;
  static final long START_MS = 1_800_000_000_000L;
  static final long SESSION = 7;
  private static final long USUAL_LOAD_MS = 300_000;
  private static final long LONG_LOAD_MS = 2_000_000;
  private static final int LONG_ONE_IN = 200;

  static Setting draw(SplittableRandom random) {
    long leaseMs = new long[] {800, 1_200, 2_000}[random.nextInt(3)];
    boolean small = random.nextInt(4) == 0;
    OwnerLimits limits =
        new OwnerLimits(
            leaseMs,
            100_000,
            small ? 20 + random.nextInt(60) : 1_000_000,
            small ? 3 + random.nextInt(8) : 4_096,
            small ? 4 + random.nextInt(16) : 16_000,
            false);
    long loadMs = random.nextInt(LONG_ONE_IN) == 0 ? LONG_LOAD_MS : USUAL_LOAD_MS;
    return new Setting(
        1 + random.nextInt(5),
        1 + random.nextInt(2),
        1 + random.nextInt(2),
        6 + random.nextInt(15),
        0,
        2_000 + random.nextInt(6_000),
        limits,
        loadMs,
        items(random, loadMs));
  }

  /**
   * In one world of two some shoppers sign in after they shook, and most items are for them too.
   */
  Setting withDevices(SplittableRandom random) {
    if (random.nextBoolean()) {
      return this;
    }
    List<SaleItem> claimed = new ArrayList<>();
    for (SaleItem item : items) {
      claimed.add(
          random.nextInt(4) == 0 ? item : item.limited(0, 0, 1_000 + random.nextInt(15_000)));
    }
    int few = 1 + random.nextInt(shoppers - 1);
    return new Setting(
        sales, edges, persists, shoppers, few, thinkMs, limits, loadMs, List.copyOf(claimed));
  }

  private static List<SaleItem> items(SplittableRandom random, long loadMs) {
    List<SaleItem> items = new ArrayList<>();
    int count = 2 + random.nextInt(3);
    long id = 1_000 + random.nextInt(1_000);
    while (items.size() < count) {
      id++;
      if (PartitionMap.partitionOfItem(id, PARTITIONS) == items.size() % PARTITIONS) {
        items.add(item(id, random, loadMs));
      }
    }
    return items;
  }

  private static SaleItem item(long id, SplittableRandom random, long loadMs) {
    long opensAt = START_MS + 2_000 + random.nextInt(30_000);
    boolean endsEarly = random.nextInt(4) == 0;
    long closesAt = START_MS + (endsEarly ? loadMs / 2 + random.nextLong(loadMs) : 10 * loadMs);
    List<SaleItem.Release> releases = new ArrayList<>();
    long at = opensAt;
    for (int n = random.nextInt(4); n > 0; n--) {
      at += 1 + random.nextInt(60_000);
      if (at < closesAt) {
        releases.add(new SaleItem.Release(at, 1 + random.nextInt(3)));
      }
    }
    return new SaleItem(
        id,
        SESSION,
        "Kettle",
        100,
        200,
        "CNY",
        opensAt,
        closesAt,
        1 + random.nextInt(8),
        1 + random.nextInt(3),
        1_000 + random.nextInt(15_000),
        random.nextInt(4) == 0 ? 200 : 0,
        random.nextInt(4) == 0 ? Limits.GATE_OPEN * 7 / 10 : Limits.GATE_OPEN,
        releases);
  }
}
