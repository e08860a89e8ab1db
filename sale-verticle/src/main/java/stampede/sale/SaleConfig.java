package stampede.sale;

import stampede.node.redis.RedisUrl;
import stampede.protocol.InvalidField;
import stampede.protocol.PartitionMap;

/**
 * Settings of a sale node; the keys of {@code conf/sale.conf}.
 *
 * @param node name of this node, the same after a restart, different from every other sale node's
 * @param redisUrl of the journal
 * @param partitions the same on every node, and as written into the journal at its first start
 * @param clusterId guards against pointing a node at another shop's journal
 * @param leaseMs how long after an owner's last sign of life nobody else may take its partitions
 * @param journalTimeoutMs bound of one call to the journal
 * @param eventsMax events in the log of one partition
 * @param backlogMax events not yet in MySQL before a partition stops accepting
 * @param settingsUnchecked accept a Redis that hides its settings
 * @param clusterConfig Hazelcast XML file
 * @param managementHost should be reachable by operators only
 * @param managementPort health and metrics of a node of its own; 0 = any free one
 * @param rehearse warms up at the start, so that the first second of a sale is as quick as any
 */
public record SaleConfig(
    String node,
    String redisUrl,
    int partitions,
    String clusterId,
    long leaseMs,
    long journalTimeoutMs,
    long eventsMax,
    long backlogMax,
    boolean settingsUnchecked,
    String clusterConfig,
    String managementHost,
    int managementPort,
    boolean rehearse) {

  public SaleConfig {
    require(!node.isBlank() && node.length() <= 64, "node", "must be a name of 1 to 64 characters");
    require(
        !redisUrl.isBlank(),
        "redisUrl",
        "must be set, for example redis://:password@127.0.0.1:6379");
    RedisUrl.parse("redisUrl", redisUrl);
    require(
        partitions >= 1 && partitions <= PartitionMap.PARTITIONS_MAX,
        "partitions",
        "must be 1 to " + PartitionMap.PARTITIONS_MAX + ", is " + partitions);
    require(!clusterId.isBlank(), "clusterId", "must not be blank");
    require(leaseMs >= 500 && leaseMs <= 60_000, "leaseMs", "must be 500 to 60000, is " + leaseMs);
    require(
        journalTimeoutMs >= 50 && journalTimeoutMs <= 10_000,
        "journalTimeoutMs",
        "must be 50 to 10000, is " + journalTimeoutMs);
    require(eventsMax >= 1_000, "eventsMax", "must be at least 1000, is " + eventsMax);
    require(backlogMax >= 1_000, "backlogMax", "must be at least 1000, is " + backlogMax);
    require(!managementHost.isBlank(), "managementHost", "must be a host name or address");
    require(
        managementPort >= 0 && managementPort <= 65_535,
        "managementPort",
        "must be 0 to 65535, is " + managementPort);
  }

  OwnerLimits ownerLimits() {
    OwnerLimits standard = OwnerLimits.DEFAULT;
    return new OwnerLimits(
        leaseMs,
        eventsMax,
        backlogMax,
        standard.waitingMax(),
        standard.collectingMax(),
        settingsUnchecked);
  }

  private static void require(boolean holds, String field, String problem) {
    if (!holds) {
      throw new InvalidField(field, problem);
    }
  }
}
