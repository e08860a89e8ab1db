package stampede.rig.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import stampede.protocol.SaleItem;

/**
 * The moments at which time decides: an item opens or ends, a portion comes, an order is to be paid
 * or claimed, or is released. In one world of two, shoppers and faults aim at them, so that what is
 * sent arrives in the very millisecond, and an owner dies or the store's clock steps just then.
 * Drawn apart from everything else.
 */
final class Deadlines {
  private static final long AIM = 0x6465_6164_6c69L;
  private static final long RELEASED_AFTER_MS = 1_000;
  private static final int SPREAD_MS = 40;
  private static final int STRIKES_MAX = 8;
  private static final long OPENING_MS = 32_000;
  private static final long AHEAD_MS_MAX = 60_000;
  private static final long STEP_MS_MIN = 500;
  private static final int STEP_DOUBLINGS = 13; // up to an hour or so
  private static final long STEP_MS_MAX = 3_600_000;

  private final World world;
  private final SplittableRandom random;
  private final boolean aimedAt;

  Deadlines(World world, long seed) {
    this.world = world;
    this.random = new SplittableRandom(seed ^ AIM);
    this.aimedAt = random.nextBoolean();
  }

  /** Whether what a shopper does next is to come at the last moment. */
  boolean drawn() {
    return aimedAt && random.nextInt(3) == 0;
  }

  /** How long until a moment near {@code deadlineMs}, or near the release a second after it. */
  int untilMs(long deadlineMs, int partition) {
    long momentMs = deadlineMs + (random.nextBoolean() ? RELEASED_AFTER_MS : 0);
    return (int) Math.max(0, untilNear(momentMs, partition));
  }

  private long untilNear(long momentMs, int partition) {
    long aroundMs = random.nextInt(2 * SPREAD_MS) - SPREAD_MS;
    return momentMs - world.stores[partition].now() + aroundMs;
  }

  /** Draws what strikes at deadlines. */
  void start(Nemesis nemesis) {
    for (int n = aimedAt ? random.nextInt(STRIKES_MAX) : 0; n > 0; n--) {
      long fromMs = random.nextLong(random.nextInt(3) == 0 ? OPENING_MS : world.setting.loadMs());
      int partition = random.nextInt(Setting.PARTITIONS);
      world.clock.after(fromMs, () -> aim(nemesis, partition));
    }
  }

  private void aim(Nemesis nemesis, int partition) {
    long nowMs = world.stores[partition].now();
    List<Long> moments = moments(partition, nowMs);
    if (!moments.isEmpty()) {
      long momentMs = moments.get(random.nextInt(moments.size()));
      FaultPlan.Kind kind = kind();
      long forMs = kind == FaultPlan.Kind.REDIS_CLOCK ? stepMs() : 1 + random.nextInt(5_000);
      FaultPlan.Episode strike =
          new FaultPlan.Episode(kind, momentMs, forMs, random.nextLong() >>> 1);
      world.clock.after(
          untilNear(momentMs, partition), () -> nemesis.strikeOwner(strike, partition));
    }
  }

  private FaultPlan.Kind kind() {
    return switch (random.nextInt(5)) {
      case 0 -> FaultPlan.Kind.SALE_CRASH;
      case 1 -> FaultPlan.Kind.SALE_PAUSE;
      case 2 -> FaultPlan.Kind.SALE_REDEPLOYED;
      default -> FaultPlan.Kind.REDIS_CLOCK;
    };
  }

  /** All sizes alike: half a second, a lease, an hour. */
  private long stepMs() {
    long mostMs = Math.min(STEP_MS_MAX, STEP_MS_MIN << 1 + random.nextInt(STEP_DOUBLINGS));
    return mostMs / 2 + random.nextLong(mostMs / 2);
  }

  /** What is to come within a minute by the store's clock. */
  private List<Long> moments(int partition, long nowMs) {
    List<Long> moments = new ArrayList<>();
    Ledger ledger = world.checker.ledger(partition);
    for (Ledger.Item each : ledger.items.values()) {
      SaleItem item = each.item;
      addIfNear(moments, item.opensAt(), nowMs);
      addIfNear(moments, item.closesAt(), nowMs);
      item.releases().forEach(release -> addIfNear(moments, release.at(), nowMs));
    }
    for (Ledger.Order order : ledger.held.values()) {
      long by = order.waitsForClaim() ? order.claimBy : order.accepted.payBy();
      addIfNear(moments, by, nowMs);
      addIfNear(moments, by + RELEASED_AFTER_MS, nowMs);
    }
    return moments;
  }

  private static void addIfNear(List<Long> moments, long momentMs, long nowMs) {
    if (momentMs > nowMs && momentMs < nowMs + AHEAD_MS_MAX) {
      moments.add(momentMs);
    }
  }
}
