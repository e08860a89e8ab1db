package stampede.rig;

import stampede.persist.PersistConfig;
import stampede.persist.reconcile.ReconcileConfig;
import stampede.persist.webhook.WebhookConfig;
import stampede.sale.SaleConfig;

/** Settings of nodes that are deployed in this process; what nobody looks at is the same in all. */
public final class NodeConfigs {
  private NodeConfigs() {}

  public static SaleConfig sale(
      String node, String redisUrl, int partitions, long eventsMax, long backlogMax) {
    return new SaleConfig(
        node,
        redisUrl,
        partitions,
        "test",
        2_000,
        1_000,
        eventsMax,
        backlogMax,
        false,
        "",
        "127.0.0.1",
        0,
        false);
  }

  public static PersistConfig persist(
      String node,
      String redisUrl,
      String mysqlUrl,
      int partitions,
      int poolSize,
      int statementTimeoutMs,
      long journalTimeoutMs,
      WebhookConfig webhook,
      ReconcileConfig reconcile) {
    return new PersistConfig(
        node,
        redisUrl,
        mysqlUrl,
        "",
        partitions,
        poolSize,
        statementTimeoutMs,
        journalTimeoutMs,
        "",
        "127.0.0.1",
        0,
        false,
        webhook,
        reconcile);
  }
}
