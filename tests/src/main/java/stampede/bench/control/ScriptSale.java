package stampede.bench.control;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.ProtocolVersion;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import stampede.protocol.Outcome;

/**
 * Control (b): one Redis script a shake, which looks at the window, the stock and the buyers, takes
 * one unit and notes the order in a stream; an {@link OrderConsumer} brings it to MySQL.
 *
 * <p>Scripts are sent without waiting for each other, so Redis makes one fsync for as many as came
 * meanwhile.
 */
public final class ScriptSale implements ControlSale {
  public static final int CONNECTIONS_DEFAULT = 1;
  static final String STREAM = "orders";

  private static final int IN_FLIGHT_MAX = 1 << 20;

  /**
   * Digits of a stream id's second part, as bits: so many entries a millisecond fit an order id.
   */
  private static final int SEQUENCE_BITS = 20;

  private static final String SCRIPT =
      """
      -- KEYS item, buyers, orders   ARGV item, buyer, key
      local item = redis.call('HMGET', KEYS[1], 'stock', 'opensAt', 'closesAt')
      if not item[1] then
        return {'invalid'}
      end
      local clock = redis.call('TIME')
      local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
      if now < tonumber(item[2]) then
        return {'not_open'}
      end
      if now >= tonumber(item[3]) then
        return {'ended'}
      end
      if tonumber(item[1]) <= 0 then
        return {'sold_out'}
      end
      if redis.call('SADD', KEYS[2], ARGV[2]) == 0 then
        return {'limit_reached'}
      end
      redis.call('HINCRBY', KEYS[1], 'stock', -1)
      return {'accepted', redis.call('XADD', KEYS[3], '*', 'i', ARGV[1], 'u', ARGV[2], 'k', ARGV[3])}
      """;

  private final Redis redis;
  private final List<RedisConnection> connections;
  private final String sha1;
  private final OrderConsumer consumer;
  private long shakes;

  private ScriptSale(
      Redis redis, List<RedisConnection> connections, String sha1, OrderConsumer consumer) {
    this.redis = redis;
    this.connections = connections;
    this.sha1 = sha1;
    this.consumer = consumer;
  }

  /**
   * With its consumer, and its table.
   *
   * @param connections to Redis, which take turns
   */
  public static Future<ScriptSale> open(
      Vertx vertx, String redisUrl, String mySqlUrl, int connections) {
    Redis redis = client(vertx, redisUrl, connections);
    List<Future<RedisConnection>> all = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      all.add(redis.connect());
    }
    OrderConsumer consumer = new OrderConsumer(redisUrl, mySqlUrl);
    return Future.all(all)
        .compose(open -> redis.send(Request.cmd(Command.SCRIPT).arg("LOAD").arg(SCRIPT)))
        .compose(
            sha1 ->
                vertx
                    .deployVerticle(consumer)
                    .map(
                        deployed ->
                            new ScriptSale(
                                redis,
                                all.stream().map(Future::result).toList(),
                                sha1.toString(),
                                consumer)));
  }

  static Redis client(Vertx vertx, String url, int connections) {
    return Redis.createClient(
        vertx,
        new RedisOptions()
            .setConnectionString(url)
            .setPreferredProtocolVersion(ProtocolVersion.RESP2)
            .setMaxPoolSize(connections + 1) // one for everything but scripts
            .setMaxWaitingHandlers(IN_FLIGHT_MAX));
  }

  @Override
  public Future<Long> open(long stock, long opensAt, long closesAt) {
    return redis
        .send(Request.cmd(Command.INCR).arg("items"))
        .compose(
            id -> {
              Request item = Request.cmd(Command.HSET).arg(itemKey(id.toLong()));
              item.arg("stock").arg(stock).arg("opensAt").arg(opensAt).arg("closesAt");
              return redis.send(item.arg(closesAt)).map(id.toLong());
            });
  }

  private static String itemKey(long item) {
    return "item:" + item;
  }

  @Override
  public Future<Said> shake(long item, String buyer, String key) {
    Request script = Request.cmd(Command.EVALSHA).arg(sha1).arg(3);
    script.arg(itemKey(item)).arg("buyers:" + item).arg(STREAM);
    script.arg(item).arg(buyer).arg(key);
    RedisConnection connection = connections.get((int) (shakes++ % connections.size()));
    return connection.send(script).map(ScriptSale::said);
  }

  private static Said said(Response reply) {
    Outcome outcome = Outcome.valueOf(reply.get(0).toString().toUpperCase(Locale.ROOT));
    if (outcome != Outcome.ACCEPTED) {
      return Said.no(outcome);
    }
    String id = reply.get(1).toString();
    return new Said(outcome, order(id), at(id));
  }

  /** Of the entry's id: as many as there are entries, and growing like them. */
  static long order(String entry) {
    long sequence = Long.parseLong(entry, entry.indexOf('-') + 1, entry.length(), 10);
    if (sequence >> SEQUENCE_BITS != 0) {
      throw new IllegalStateException("no order id for entry " + entry);
    }
    return at(entry) << SEQUENCE_BITS | sequence;
  }

  static long at(String entry) {
    return Long.parseLong(entry, 0, entry.indexOf('-'), 10);
  }

  @Override
  public Future<Void> close() {
    return consumer.end().eventually(redis::close);
  }
}
