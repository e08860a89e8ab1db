package stampede.edge.management;

/**
 * The keys under {@code management} of {@code conf/edge.conf}; the same on every edge.
 *
 * @param twoPersons more stock for an item on sale, and its end, need a second admin
 */
public record ManagementRules(boolean twoPersons) {}
