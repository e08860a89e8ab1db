package stampede.sale.journal;

import io.vertx.redis.client.Response;
import java.util.List;
import stampede.node.redis.RedisLink;
import stampede.node.redis.RedisScript;
import stampede.protocol.JournalKeys;
import stampede.protocol.PartitionMap;
import stampede.protocol.port.Completion;

/**
 * What all nodes on one Redis must agree on, written by the first of them and never changed: with
 * another partition count an item would be sold by two owners.
 *
 * @param format of the journal, {@link JournalKeys#FORMAT} in this version
 * @param cluster id of the installation, so that two of them cannot share a Redis by mistake
 */
public record JournalMeta(int format, String cluster, int partitions) {
  private static final RedisScript META = RedisScript.load(JournalMeta.class, "meta.lua");

  public JournalMeta {
    if (cluster.isBlank()) {
      throw new IllegalArgumentException("cluster must not be empty");
    }
    if (partitions < 1 || partitions > PartitionMap.PARTITIONS_MAX) {
      throw new IllegalArgumentException(
          "partitions must be 1 to " + PartitionMap.PARTITIONS_MAX + ", is " + partitions);
    }
  }

  /** As this version of Stampede writes it. */
  public static JournalMeta of(String cluster, int partitions) {
    return new JournalMeta(JournalKeys.FORMAT, cluster, partitions);
  }

  /**
   * Writes it if there is none, and compares. Fails with {@link Mismatch}: the node must not go on;
   * with {@link Journal.Unreachable}: try again. On the link's event loop.
   */
  public void agree(RedisLink link, Completion<JournalMeta> done) {
    link.eval(
        META,
        List.of(JournalKeys.META),
        List.of(format, cluster, partitions),
        (reply, failure) -> {
          if (failure instanceof RedisLink.Unreachable) {
            done.fail(new Journal.Unreachable(failure.getMessage()));
          } else if (failure != null) {
            done.fail(failure);
          } else {
            compare(reply, done);
          }
        });
  }

  private void compare(Response found, Completion<JournalMeta> done) {
    List<String> names = List.of("format", "cluster", "partitions");
    List<String> wanted = List.of("" + format, cluster, "" + partitions);
    for (int i = 0; i < names.size(); i++) {
      String value = found.get(i).toString();
      if (!value.equals(wanted.get(i))) {
        done.fail(new Mismatch(names.get(i), value.isEmpty() ? "nothing" : value, wanted.get(i)));
        return;
      }
    }
    done.succeed(this);
  }

  /** This node and the Redis it was given do not belong together. */
  public static final class Mismatch extends Exception {
    public Mismatch(String setting, String found, String wanted) {
      super(
          setting
              + " in Redis key "
              + JournalKeys.META
              + ": found "
              + found
              + ", wanted "
              + wanted
              + "; give this node the settings or the Redis of its own cluster",
          null,
          false,
          false);
    }
  }
}
