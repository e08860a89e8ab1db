package stampede.rig.capacity;

import stampede.protocol.PartitionMap;

/**
 * A sale and what it is run on.
 *
 * @param phones each shakes for one item
 * @param units of all items together
 * @param meanComeMs the first shakes come at exponential times after the opening with this mean
 * @param proxyWorkers of all Nginx machines together; 0 = phones meet the edges
 * @param edges processes with one event loop each; {@code sales} and {@code persists} likewise
 * @param networkMicros one way between two nodes
 */
record Plan(
    long phones,
    int items,
    long units,
    double meanComeMs,
    int partitions,
    int proxyWorkers,
    int edges,
    int sales,
    int persists,
    double networkMicros) {

  Plan withEdges(int count) {
    return new Plan(
        phones,
        items,
        units,
        meanComeMs,
        partitions,
        proxyWorkers,
        count,
        sales,
        persists,
        networkMicros);
  }

  Plan withSales(int count) {
    return new Plan(
        phones,
        items,
        units,
        meanComeMs,
        partitions,
        proxyWorkers,
        edges,
        count,
        persists,
        networkMicros);
  }

  Plan withProxyWorkers(int count) {
    return new Plan(
        phones, items, units, meanComeMs, partitions, count, edges, sales, persists, networkMicros);
  }

  /** Items of the fullest partition, by the product's own placing of ids in a row. */
  int itemsOfFullestPartition() {
    int[] counts = new int[partitions];
    int most = 0;
    for (long item = 1; item <= items; item++) {
      most = Math.max(most, ++counts[PartitionMap.partitionOfItem(item, partitions)]);
    }
    return most;
  }
}
