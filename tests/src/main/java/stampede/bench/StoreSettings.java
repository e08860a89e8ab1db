package stampede.bench;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** How stores keep what they are given, as they say themselves: {@code name value}, with commas. */
final class StoreSettings {
  private static final long ANSWER_SECONDS_MAX = 30;
  private static final List<String> OF_REDIS =
      List.of("appendonly", "appendfsync", "no-appendfsync-on-rewrite");

  private StoreSettings() {}

  static String ofRedis(Vertx vertx, String url) {
    Redis redis = Redis.createClient(vertx, url);
    try {
      return OF_REDIS.stream()
          .map(name -> name + " " + await(redis.send(get(name)).map(reply -> reply.get(name))))
          .collect(Collectors.joining(", "));
    } finally {
      await(redis.close());
    }
  }

  private static Request get(String name) {
    return Request.cmd(Command.CONFIG).arg("GET").arg(name);
  }

  static String ofMySql(BenchBooks books) {
    return books.text(
        """
        SELECT CONCAT('innodb_flush_log_at_trx_commit ', @@innodb_flush_log_at_trx_commit,
          ', innodb_doublewrite ', @@innodb_doublewrite, ', log_bin ', @@log_bin,
          ', innodb_buffer_pool_size ', @@innodb_buffer_pool_size, ', version ', @@version)""");
  }

  private static <T> T await(Future<T> future) {
    return future
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(ANSWER_SECONDS_MAX, TimeUnit.SECONDS)
        .join();
  }
}
