package stampede.bench.scale;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import stampede.bench.Pause;
import stampede.bench.ProcessMeter;
import stampede.bench.ProcessMeter.Watched;
import stampede.bench.Wanted;
import stampede.standalone.EmbeddedRedis;

/**
 * What an accepted shake costs edge, owner and Redis together as more items are on sale, each
 * shaken for in turn: all of them in one partition, or spread over all. A shop does not lose items,
 * so one that has only the first is measured in turns with them.
 */
final class ItemsCurve {
  static final String ONE = "a shop with one";
  static final String TOGETHER = "in one partition";
  static final String SPREAD = "over 16 partitions";
  private static final int SLACK = 10;

  private static final int LOOK_MS = 1_000;

  /** CPU time in a look; more than hints and heartbeats of all partitions take. */
  private static final double RESTING_SECONDS = 0.15;

  /** With fewer items a heap says nothing of them. */
  private static final int WEIGHED_MIN = 10_000;

  private ItemsCurve() {}

  static Curve run(Path directory, ScaleSize size, Consumer<String> progress) {
    Curve curve =
        new Curve("items", "An accepted shake: edge, owner, Redis", "items on sale", size.items())
            .shown(ONE)
            .line(TOGETHER, ONE)
            .line(SPREAD, ONE)
            .mayGrow(
                SPREAD,
                3,
                "the same 500 shakes that are out come to 16 owners, which append a sixteenth as"
                    + " many at a time; from there on more items cost nothing");
    try (Shop one = new Shop(directory.resolve("one"), size, false);
        Shop together = new Shop(directory.resolve("together"), size, false);
        Shop spread = new Shop(directory.resolve("spread"), size, true)) {
      List<Shop> shops = List.of(one, together, spread);
      shops.forEach(shop -> shop.begin(size.warmMs()));
      long empty = together.server.heapBytes();
      for (int point = 0; point < curve.points(); point++) {
        int items = (int) curve.x(point);
        together.open(items);
        spread.open(items);
        boolean rests = together.rests(size.restMs()) && spread.rests(size.restMs());
        String restless = rests ? "" : "not at rest when it was measured";
        curve.note(point, restless);
        if (items >= WEIGHED_MIN) {
          double bytes = (double) (together.server.heapBytes() - empty) / items;
          String weight = String.format(Locale.ROOT, "%.1f kB of heap an item", bytes / 1e3);
          curve.note(point, rests ? weight : weight + ", " + restless);
        }
        for (int round = 0; round < 2 * size.rounds(); round++) {
          curve.add(ONE, point, one.micros(size.roundMs()));
          curve.add(TOGETHER, point, together.micros(size.roundMs()));
          curve.add(SPREAD, point, spread.micros(size.roundMs()));
        }
        progress.accept(
            "  %,d items: one %.1f µs, in one partition %.1f µs, spread %.1f µs"
                .formatted(
                    items,
                    curve.micros(ONE, point),
                    curve.micros(TOGETHER, point),
                    curve.micros(SPREAD, point)));
      }
    }
    return curve;
  }

  /** A shop and its crowd. */
  private static final class Shop implements AutoCloseable {
    private final EmbeddedRedis redis;
    private final CurveServer server;
    private final TurnCrowd crowd;
    private final ProcessMeter meter;
    private final int connections;
    private List<String> items = List.of();

    Shop(Path directory, ScaleSize size, boolean spread) {
      redis = EmbeddedRedis.start(directory);
      server = CurveServer.shop(size.jvm(), size.connections() + SLACK, spread, redis.url());
      crowd = new TurnCrowd("i");
      meter =
          new ProcessMeter(List.of(server.watched(), Watched.store("redis", redis.server().pid())));
      connections = size.connections();
    }

    /** One item, everybody in, everything warm. */
    void begin(int warmMs) {
      crowd.come(server.port(), connections);
      open(1);
      micros(warmMs);
    }

    void open(int count) {
      items = server.items(count);
    }

    /**
     * Whether a shop that nobody shakes at does next to nothing, or comes to that: its edge has no
     * MySQL, so it asks owners about what is new to it, and makes the pages.
     */
    boolean rests(int boundMs) {
      for (int waitedMs = 0; waitedMs < boundMs; waitedMs += LOOK_MS) {
        Map<String, Double> before = meter.cpuSeconds();
        Pause.ms(LOOK_MS);
        if (meter.secondsSince(before) < RESTING_SECONDS) {
          return true;
        }
      }
      return false;
    }

    /** Of the shop's process and its Redis, by shakes. */
    double micros(int ms) {
      Map<String, Double> before = meter.cpuSeconds();
      long answers = crowd.play(items, Wanted.ACCEPTED, connections / 2, ms).checked();
      return meter.secondsSince(before) * 1e6 / answers;
    }

    @Override
    public void close() {
      crowd.close();
      server.close();
      redis.stop();
    }
  }
}
