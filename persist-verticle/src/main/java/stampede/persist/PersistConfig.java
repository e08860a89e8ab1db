package stampede.persist;

import io.vertx.mysqlclient.MySQLConnectOptions;
import stampede.node.redis.RedisUrl;
import stampede.persist.reconcile.ReconcileConfig;
import stampede.persist.webhook.WebhookConfig;
import stampede.protocol.InvalidField;
import stampede.protocol.PartitionMap;

/**
 * Settings of a persist node; the keys of {@code conf/persist.conf}.
 *
 * @param node name of this node, the same after a restart, different from every other persist
 *     node's
 * @param redisUrl of the journal
 * @param mysqlUrl of the primary: {@code mysql://user:password@host:port/database}
 * @param mysqlReadUrl of a server for pages, search and old orders; empty = the primary
 * @param partitions the same on every node
 * @param poolSize connections to MySQL for the drains, and as many for queries
 * @param statementTimeoutMs bound of one statement and of getting a connection
 * @param journalTimeoutMs bound of one call to the journal
 * @param clusterConfig Hazelcast XML file
 * @param managementHost should be reachable by operators only
 * @param managementPort health and metrics of a node of its own; 0 = any free one
 * @param rehearse warms up at the start, so that the first second of a sale is as quick as any
 * @param webhook how the shop is told
 * @param reconcile how much may be taken for comparing MySQL with the journal
 */
public record PersistConfig(
    String node,
    String redisUrl,
    String mysqlUrl,
    String mysqlReadUrl,
    int partitions,
    int poolSize,
    int statementTimeoutMs,
    long journalTimeoutMs,
    String clusterConfig,
    String managementHost,
    int managementPort,
    boolean rehearse,
    WebhookConfig webhook,
    ReconcileConfig reconcile) {
  private static final String MYSQL_URL = "(mysql|mariadb)://[^/@]+@[^/@]+/[^/?]+(\\?.*)?";

  public PersistConfig {
    require(!node.isBlank() && node.length() <= 64, "node", "must be a name of 1 to 64 characters");
    require(
        !redisUrl.isBlank(),
        "redisUrl",
        "must be set, for example redis://:password@127.0.0.1:6379");
    RedisUrl.parse("redisUrl", redisUrl);
    require(
        isMySqlUrl(mysqlUrl),
        "mysqlUrl",
        "must be set, for example mysql://user:password@127.0.0.1:3306/stampede");
    require(
        mysqlReadUrl.isEmpty() || isMySqlUrl(mysqlReadUrl),
        "mysqlReadUrl",
        "must be empty or like mysql://user:password@127.0.0.1:3306/stampede");
    require(
        partitions >= 1 && partitions <= PartitionMap.PARTITIONS_MAX,
        "partitions",
        "must be 1 to " + PartitionMap.PARTITIONS_MAX + ", is " + partitions);
    require(poolSize >= 1 && poolSize <= 64, "poolSize", "must be 1 to 64, is " + poolSize);
    require(
        statementTimeoutMs >= 1_500 && statementTimeoutMs <= 30_000,
        "statementTimeoutMs",
        "must be 1500 to 30000, is " + statementTimeoutMs);
    require(
        journalTimeoutMs >= 50 && journalTimeoutMs <= 10_000,
        "journalTimeoutMs",
        "must be 50 to 10000, is " + journalTimeoutMs);
    require(!managementHost.isBlank(), "managementHost", "must be a host name or address");
    require(
        managementPort >= 0 && managementPort <= 65_535,
        "managementPort",
        "must be 0 to 65535, is " + managementPort);
  }

  /** Waiting for another drain's lock ends before the statement's time-out does. */
  int lockWaitSeconds() {
    return Math.max(1, statementTimeoutMs / 1_000 - 1);
  }

  private static boolean isMySqlUrl(String url) {
    try {
      return url.matches(MYSQL_URL) && MySQLConnectOptions.fromUri(url) != null;
    } catch (IllegalArgumentException e) {
      return false; // its message repeats the password
    }
  }

  private static void require(boolean holds, String field, String problem) {
    if (!holds) {
      throw new InvalidField(field, problem);
    }
  }
}
