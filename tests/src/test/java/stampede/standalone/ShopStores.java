package stampede.standalone;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.MySQLConnection;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import stampede.protocol.JournalEntry;
import stampede.protocol.JournalKeys;

/** The stores of a shop, for those who spoil them. Every call waits for its answer. */
final class ShopStores implements AutoCloseable {
  /** XORs a byte in the middle of the entry with 1; a second time undoes it. */
  private static final String FLIP =
      """
      local all = redis.call('XRANGE', KEYS[1], '-', '+')
      redis.call('DEL', KEYS[1])
      for i, entry in ipairs(all) do
        local fields = entry[2]
        if i == tonumber(ARGV[1]) then
          for f = 1, #fields, 2 do
            if fields[f] == 'p' then
              local p, at = fields[f + 1], math.floor(#fields[f + 1] / 2)
              local flipped = string.char(bit.bxor(string.byte(p, at), 1))
              fields[f + 1] = string.sub(p, 1, at - 1) .. flipped .. string.sub(p, at + 1)
            end
          end
        end
        redis.call('XADD', KEYS[1], entry[1], unpack(fields))
      end
      return #all""";

  /** Takes the newest entries away, as an older copy of the store would lack them. */
  private static final String REGRESS =
      """
      local newest = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', tonumber(ARGV[1]))
      for _, entry in ipairs(newest) do redis.call('XDEL', KEYS[2], entry[1]) end
      local last = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
      if not last then
        redis.call('DEL', KEYS[1], KEYS[2])
        return 0
      end
      redis.call('XSETID', KEYS[2], last[1])
      local fields = {}
      for i = 1, #last[2], 2 do fields[last[2][i]] = last[2][i + 1] end
      local ends = string.match(last[1], '^%d+') + fields.n - 1
      redis.call('HSET', KEYS[1], 'position', string.format('%.0f', ends), 'lastBatch', fields.b)
      return ends""";

  private final Vertx vertx = Vertx.vertx();
  private final Redis redis;
  private final MySQLConnectOptions mysql;

  ShopStores(String redisUrl, String mysqlUrl) {
    redis = Redis.createClient(vertx, redisUrl);
    mysql = MySQLConnectOptions.fromUri(mysqlUrl);
  }

  RowSet<Row> sql(String statement) {
    return await(
        MySQLConnection.connect(vertx, mysql)
            .compose(
                connection -> connection.query(statement).execute().eventually(connection::close)));
  }

  long number(String query) {
    return sql(query).iterator().next().getLong(0);
  }

  /** Entry {@code number} of the partition's log, counted from 1. */
  void flipByte(int partition, int number) {
    eval(FLIP, List.of(JournalKeys.log(partition)), number);
  }

  /** Where the log ends now. */
  long regress(int partition, int entries) {
    List<String> keys = List.of(JournalKeys.own(partition), JournalKeys.log(partition));
    return eval(REGRESS, keys, entries).toLong();
  }

  /** One command as it is typed. */
  Response redis(String command, String... arguments) {
    Request request = Request.cmd(Command.create(command));
    for (String argument : arguments) {
      request.arg(argument);
    }
    return await(redis.send(request));
  }

  long logEntries(int partition) {
    return await(redis.send(Request.cmd(Command.XLEN, JournalKeys.log(partition)))).toLong();
  }

  /** What the partition's log holds now. */
  List<JournalEntry> log(int partition) {
    List<JournalEntry> entries = new ArrayList<>();
    for (Response record : redis("XRANGE", JournalKeys.log(partition), "-", "+")) {
      Map<String, Response> fields = new HashMap<>();
      Response pairs = record.get(1);
      for (int i = 0; i < pairs.size(); i += 2) {
        fields.put(pairs.get(i).toString(), pairs.get(i + 1));
      }
      entries.add(
          new JournalEntry(
              partition,
              fields.get("e").toLong(),
              Long.parseLong(record.get(0).toString().replace("-0", "")),
              fields.get("n").toInteger(),
              Long.parseLong(fields.get("b").toString()),
              fields.get("p").toBytes(),
              (int) Long.parseLong(fields.get("c").toString())));
    }
    return entries;
  }

  /** Keeps a copy of the partition's keys; {@link #restore} puts it back. */
  void keep(int partition) {
    for (String key : List.of(JournalKeys.own(partition), JournalKeys.log(partition))) {
      byte[] value = await(redis.send(Request.cmd(Command.DUMP, key))).toBytes();
      await(redis.send(Request.cmd(Command.RESTORE, "kept:" + key, 0, value, "REPLACE")));
    }
  }

  void restore(int partition) {
    for (String key : List.of(JournalKeys.own(partition), JournalKeys.log(partition))) {
      await(redis.send(Request.cmd(Command.RENAME, "kept:" + key, key)));
    }
  }

  private Response eval(String script, List<String> keys, Object... args) {
    List<Object> all = new ArrayList<>();
    all.add(script);
    all.add(keys.size());
    all.addAll(keys);
    all.addAll(List.of(args));
    return await(redis.send(Request.cmd(Command.EVAL, all.toArray())));
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.await(30, SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("no answer within 30 s", e);
    }
  }

  @Override
  public void close() {
    redis.close();
    await(vertx.close());
  }
}
