package stampede.bench.scale;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import stampede.standalone.EmbeddedRedis;

/**
 * What an accepted shake costs edge, owner and Redis together as more items are on sale, each
 * shaken for in turn. A shop does not lose items, so one that has only the first is measured in
 * turns with it.
 */
final class ItemsCurve {
  static final String MANY = "so many items";
  static final String ONE = "a shop with one";
  private static final String ACCEPTED = "\"outcome\":\"accepted\"";
  private static final int SLACK = 10;

  private ItemsCurve() {}

  static Curve run(Path directory, ScaleSize size, Consumer<String> progress) {
    Curve curve =
        new Curve("items", "An accepted shake: edge, owner, Redis", "items on sale", size.items())
            .shown(ONE)
            .line(MANY, ONE);
    try (Shop one = new Shop(directory.resolve("one"), size, "o");
        Shop many = new Shop(directory.resolve("many"), size, "m")) {
      one.come();
      many.come();
      one.open(1);
      many.open(1);
      one.micros(size.warmMs());
      many.micros(size.warmMs());
      long empty = many.server.heapBytes();
      for (int point = 0; point < curve.points(); point++) {
        int items = (int) curve.x(point);
        many.open(items);
        if (items >= 10_000) {
          double bytes = (double) (many.server.heapBytes() - empty) / items;
          curve.note(point, String.format(Locale.ROOT, "%.1f kB of heap an item", bytes / 1e3));
        }
        for (int round = 0; round < 2 * size.rounds(); round++) {
          curve.add(ONE, point, one.micros(size.roundMs()));
          curve.add(MANY, point, many.micros(size.roundMs()));
        }
        progress.accept(
            "  %,d items: %.1f µs, one %.1f µs"
                .formatted(items, curve.micros(MANY, point), curve.micros(ONE, point)));
      }
    }
    return curve;
  }

  /** A shop and its crowd. */
  private static final class Shop implements AutoCloseable {
    private final EmbeddedRedis redis;
    private final CurveServer server;
    private final TurnCrowd crowd;
    private final int connections;
    private List<String> items = List.of();

    Shop(Path directory, ScaleSize size, String name) {
      redis = EmbeddedRedis.start(directory);
      server = CurveServer.shop(size.jvm(), size.connections() + SLACK, redis.url());
      crowd = new TurnCrowd(name);
      connections = size.connections();
    }

    void come() {
      crowd.come(server.port(), connections);
    }

    void open(int count) {
      items = server.items(count);
    }

    /** Of the shop's process and its Redis, by shakes. */
    double micros(int ms) {
      long before = cpuMicros();
      long answers = crowd.play(items, ACCEPTED, connections / 2, ms).checked();
      return (double) (cpuMicros() - before) / answers;
    }

    private long cpuMicros() {
      return server.cpuMicros() + Child.cpuMicros(redis.server().pid());
    }

    @Override
    public void close() {
      crowd.close();
      server.close();
      redis.stop();
    }
  }
}
