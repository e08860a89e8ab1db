package stampede.bench;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import stampede.bench.ProcessMeter.Watched;
import stampede.bench.control.ScriptSale;
import stampede.bench.control.TransactionSale.Way;

/**
 * A way to sell, in a JVM of its own with stores of its own, and the crowd that shakes at it. All
 * contenders have the same flags, the same settings of their stores, the same frames and clients.
 */
final class Contender implements AutoCloseable {
  static final String REDIS = "redis-server";
  static final String MYSQL = "mariadbd";

  /** In the order they take their turns in. */
  enum Kind {
    STAMPEDE("Stampede"),
    TRANSACTION("(a)"),
    TRANSACTION_AT_ONCE("(a), statements at once"),
    SCRIPT("(b)"),
    ECHO("bare echo");

    /** What it is called in the table. */
    final String title;

    Kind(String title) {
      this.title = title;
    }

    boolean sells() {
      return this != ECHO;
    }

    /** Whether its latency is looked at; the tuned control (a) is there for its throughput. */
    boolean isTimed() {
      return this != TRANSACTION_AT_ONCE;
    }

    /** Part of every good answer. */
    String wanted() {
      return sells() ? Wanted.ACCEPTED : Wanted.ECHO;
    }

    /** Sockets the shop takes, connections of a control to its store; other ones by property. */
    int size(int sockets) {
      return switch (this) {
        case STAMPEDE -> sockets + 10;
        case TRANSACTION -> Integer.getInteger("bench.connections.a", Way.STEP_BY_STEP.connections);
        case TRANSACTION_AT_ONCE ->
            Integer.getInteger("bench.connections.a", Way.AT_ONCE.connections);
        case SCRIPT -> Integer.getInteger("bench.connections.b", ScriptSale.CONNECTIONS_DEFAULT);
        case ECHO -> 0;
      };
    }
  }

  final Kind kind;
  final ProcessMeter meter;
  private final ChildJvm jvm;
  private final Map<String, String> storeUrls = new TreeMap<>();
  private final @Nullable BenchBooks books;
  private final BenchCrowd crowd;
  private long orders;

  /** Back when everybody of its crowd is there. */
  Contender(Kind kind, Vertx vertx, Path directory, int sockets) {
    this.kind = kind;
    String home = directory.resolve(kind.name()).toString();
    String size = Integer.toString(kind.size(sockets));
    List<String> flags = new ArrayList<>(ChildJvm.COLLECTOR);
    flags.add("-Xmx2g");
    jvm = new ChildJvm(flags, ContenderProcess.class, List.of(kind.name(), home, size));
    JsonObject ready = new JsonObject(jvm.answer("ready"));
    List<Watched> processes = new ArrayList<>(List.of(Watched.jvm("JVM", jvm.pid())));
    for (Object each : ready.getJsonArray("stores")) {
      JsonObject store = (JsonObject) each;
      processes.add(Watched.store(store.getString("name"), store.getLong("pid")));
      storeUrls.put(store.getString("name"), store.getString("url"));
    }
    meter = new ProcessMeter(processes);
    books = kind.sells() ? new BenchBooks(vertx, storeUrls.get(MYSQL)) : null;
    crowd = new BenchCrowd(ready.getInteger("port"), sockets);
  }

  /** Null = it has none. */
  @Nullable String redisUrl() {
    return storeUrls.get(REDIS);
  }

  BenchBooks books() {
    if (books == null) {
      throw new IllegalStateException(kind + " keeps no books");
    }
    return books;
  }

  /** Opens an item that nobody has had yet. */
  String openItem(long stock, boolean oneEach) {
    return jvm.ask("item " + stock + (oneEach ? " one" : " all"), "item");
  }

  /** Everybody has one frame out at any time. */
  BenchCrowd.Round closedLoop(String item, int warmMs, int measuredMs) {
    return counted(crowd.closedLoop(item, kind.wanted(), warmMs, measuredMs));
  }

  /** So many frames a second, whatever comes back. */
  BenchCrowd.Round openLoop(String item, int warmMs, int measuredMs, double aSecond) {
    return counted(crowd.openLoop(item, kind.wanted(), warmMs, measuredMs, aSecond));
  }

  private BenchCrowd.Round counted(BenchCrowd.Round round) {
    orders += kind.sells() ? round.answers() - round.others() : 0;
    return round;
  }

  /** Back when nothing of what was accepted is on its way to MySQL. */
  void awaitQuiet() {
    if (books != null) {
      books.awaitQuiet();
    }
  }

  /**
   * Every order it promised, all of them in MySQL, and no others there.
   *
   * @throws IllegalStateException if it is not so
   */
  long balancedOrders() {
    books().awaitQuiet();
    long found = books().orders();
    if (found != orders) {
      throw new IllegalStateException(
          kind.title + ": " + orders + " accepted, " + found + " in MySQL");
    }
    return orders;
  }

  @Override
  public void close() {
    crowd.close();
    if (books != null) {
      books.close();
    }
    jvm.end();
  }
}
