package stampede.standalone;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The Redis and the MySQL a command works with: given by URL, else started here, started again when
 * they die, and stopped with the command.
 */
public final class Stores implements AutoCloseable {
  private static final String REDIS_URL = StoreUrls.REDIS;
  private static final String MYSQL_URL = StoreUrls.MYSQL;

  private final String redisUrl;
  private final String mysqlUrl;
  private final List<String> origins;
  private final List<Runnable> stops;
  private final @Nullable KeptServer redis;
  private final @Nullable KeptServer mysql;

  private Stores(
      String redisUrl,
      String mysqlUrl,
      List<String> origins,
      List<Runnable> stops,
      @Nullable KeptServer redis,
      @Nullable KeptServer mysql) {
    this.redisUrl = redisUrl;
    this.mysqlUrl = mysqlUrl;
    this.origins = origins;
    this.stops = stops;
    this.redis = redis;
    this.mysql = mysql;
  }

  /**
   * Starts what is not given, both at the same time, and keeps it alive. Blocks; bounded by the
   * servers' own bounds.
   *
   * @throws EnvironmentFault if one of them can't be had here
   */
  static Stores open(Path dataDir, Map<String, String> environment) {
    Stores stores = openOnce(dataDir, environment);
    stores.redis().ifPresent(KeptServer::keepAlive);
    stores.mysql().ifPresent(KeptServer::keepAlive);
    return stores;
  }

  /** The same, but a server that dies stays dead until somebody starts it again. */
  public static Stores openOnce(Path dataDir, Map<String, String> environment) {
    String givenRedis = environment.getOrDefault(REDIS_URL, "");
    String givenMySql = environment.getOrDefault(MYSQL_URL, "");
    List<String> origins = new ArrayList<>();
    List<Runnable> stops = new ArrayList<>();
    CompletableFuture<EmbeddedRedis> redis =
        givenRedis.isEmpty() ? start(() -> EmbeddedRedis.start(dataDir)) : null;
    CompletableFuture<EmbeddedMariaDb> mariaDb =
        givenMySql.isEmpty() ? start(() -> EmbeddedMariaDb.start(dataDir)) : null;
    String redisUrl = givenRedis;
    String mysqlUrl = givenMySql;
    try {
      if (redis != null) {
        EmbeddedRedis server = await(redis);
        stops.add(server::stop);
        redisUrl = server.url();
      }
      if (mariaDb != null) {
        EmbeddedMariaDb server = await(mariaDb);
        stops.add(server::stop);
        mysqlUrl = server.url();
      }
    } catch (RuntimeException e) {
      stops.forEach(Runnable::run);
      if (redis != null && stops.isEmpty() && mariaDb != null) {
        mariaDb.thenAccept(EmbeddedMariaDb::stop).join();
      }
      throw e;
    }
    keepOwn(
        dataDir, givenRedis.isEmpty() ? redisUrl : "", givenMySql.isEmpty() ? mysqlUrl : "", stops);
    origins.add("redis    " + origin(REDIS_URL, givenRedis, redisUrl));
    origins.add("mysql    " + origin(MYSQL_URL, givenMySql, mysqlUrl));
    return new Stores(
        redisUrl,
        mysqlUrl,
        origins,
        stops,
        redis == null ? null : redis.join().server(),
        mariaDb == null ? null : mariaDb.join().server());
  }

  /** Other commands find the servers started here while they run. */
  private static void keepOwn(
      Path dataDir, String redisUrl, String mysqlUrl, List<Runnable> stops) {
    Map<String, String> own = new LinkedHashMap<>();
    if (!redisUrl.isEmpty()) {
      own.put(REDIS_URL, redisUrl);
    }
    if (!mysqlUrl.isEmpty()) {
      own.put(MYSQL_URL, mysqlUrl);
    }
    StoreUrls.keep(dataDir, own);
    stops.add(() -> StoreUrls.forget(dataDir));
  }

  public String redisUrl() {
    return redisUrl;
  }

  public String mysqlUrl() {
    return mysqlUrl;
  }

  /** The Redis started here; none if it was given by URL. */
  public Optional<KeptServer> redis() {
    return Optional.ofNullable(redis);
  }

  /** The MySQL started here; none if it was given by URL. */
  public Optional<KeptServer> mysql() {
    return Optional.ofNullable(mysql);
  }

  /** A line each: where it is and where that comes from, without the password. */
  public List<String> origins() {
    return origins;
  }

  @Override
  public void close() {
    stops.forEach(Runnable::run);
    stops.clear();
  }

  private static <T> CompletableFuture<T> start(java.util.function.Supplier<T> server) {
    return CompletableFuture.supplyAsync(server, task -> new Thread(task, "start-server").start());
  }

  private static <T> T await(CompletableFuture<T> starting) {
    try {
      return starting.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private static String origin(String variable, String given, String url) {
    String shown = url.replaceAll("//[^@/]*@", "//");
    return shown + (given.isEmpty() ? " (own process)" : " (" + variable + ")");
  }
}
