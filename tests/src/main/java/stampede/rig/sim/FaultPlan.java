package stampede.rig.sim;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Which bad spells strike a world and when. Some kinds are switched off in each world, so that
 * faults that hide one another also come alone.
 */
record FaultPlan(Set<Kind> kinds, List<Episode> episodes) {
  private static final int EPISODES_MIN = 16;
  private static final int EPISODES_SPREAD = 40;

  /** What can go wrong. */
  enum Kind {
    MESSAGES_LOST,
    MESSAGES_DOUBLED,
    MESSAGES_LATE,
    ONE_WAY_CUT,
    OWNER_SPLIT_OFF,
    SALE_CRASH,
    SALE_PAUSE,
    SALE_SUSPENDED,
    SALE_REDEPLOYED,
    SALE_DEAF,
    EDGE_CRASH,
    EDGE_PAUSE,
    EDGE_SUSPENDED,
    PERSIST_CRASH,
    PERSIST_PAUSE,
    MEMBERS_STALE,
    JOURNAL_REPLIES_LOST,
    JOURNAL_CALLS_LATE,
    JOURNAL_SLOW,
    JOURNAL_CUT_OFF,
    REDIS_RESTART,
    REDIS_FULL,
    REDIS_CLOCK,
    MYSQL_REPLIES_LOST,
    MYSQL_DEADLOCKS,
    MYSQL_SLOW,
    MYSQL_AWAY
  }

  /**
   * @param draw decides whom it strikes and how hard
   */
  record Episode(Kind kind, long atMs, long forMs, long draw) {}

  static FaultPlan draw(SplittableRandom random, Setting setting) {
    Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    for (Kind kind : Kind.values()) {
      if (random.nextInt(5) < 3) {
        kinds.add(kind);
      }
    }
    List<Kind> list = List.copyOf(kinds);
    List<Episode> episodes = new ArrayList<>();
    int count = list.isEmpty() ? 0 : EPISODES_MIN + random.nextInt(EPISODES_SPREAD);
    for (int i = 0; i < count; i++) {
      Kind kind = list.get(random.nextInt(list.size()));
      long atMs = random.nextLong(setting.loadMs());
      episodes.add(
          new Episode(kind, atMs, lengthMs(kind, random, setting), random.nextLong() >>> 1));
    }
    return new FaultPlan(kinds, episodes);
  }

  /** Mostly around a lease, sometimes very long. */
  private static long lengthMs(Kind kind, SplittableRandom random, Setting setting) {
    long longest =
        switch (kind) {
          case MYSQL_AWAY -> setting.loadMs();
          case SALE_PAUSE, SALE_SUSPENDED, EDGE_PAUSE, EDGE_SUSPENDED, PERSIST_PAUSE -> 120_000;
          case REDIS_RESTART -> 5_000;
          default -> 30_000;
        };
    return 1 + random.nextLong(random.nextInt(4) == 0 ? longest : Math.min(longest, 5_000));
  }
}
