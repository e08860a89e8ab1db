package stampede.endtoend;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import java.net.URI;
import java.nio.file.Path;
import stampede.standalone.EmbeddedRedis;

/** A Redis the shop is given by URL, with settings of its own. */
final class RedisOfOthers implements AutoCloseable {
  private final EmbeddedRedis server;
  private final ShopBooks clients;
  private final Redis client;

  private RedisOfOthers(EmbeddedRedis server, ShopBooks clients) {
    this.server = server;
    this.clients = clients;
    this.client = Redis.createClient(clients.vertx, server.url());
  }

  static RedisOfOthers start(Path directory, String appendfsync) {
    RedisOfOthers redis =
        new RedisOfOthers(EmbeddedRedis.start(directory.resolve("others")), new ShopBooks(""));
    redis.config("SET", "appendfsync", appendfsync);
    return redis;
  }

  String url() {
    return URI.create(server.url()).toString();
  }

  String setting(String name) {
    return config("GET", name).get(name).toString();
  }

  private io.vertx.redis.client.Response config(String... words) {
    Request request = Request.cmd(Command.CONFIG);
    for (String word : words) {
      request.arg(word);
    }
    return ShopBooks.await(client.send(request));
  }

  @Override
  public void close() {
    client.close();
    clients.close();
    server.stop();
  }
}
