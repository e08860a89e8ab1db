/**
 * A real shop of real processes, a crowd that does not wait, and somebody who breaks things.
 *
 * <pre>
 *   ChaosRun ─┬─ ChaosShop     cluster of JVMs, Redis, MariaDB; with root each node in a network namespace
 *             │    ├ Namespaces   one-way cuts between nodes
 *             │    └ Relay        cuts and delays between a node and a store
 *             ├─ Crowd         seats taken by ChaosShoppers; PaymentSide; everything written to a Tape
 *             ├─ Nemesis       does what FaultSchedule drew from the seed
 *             └─ ClusterWatch  who owns what, with which state hash
 *   → a directory with history, logs and rows, judged by {@link stampede.rig.check}
 * </pre>
 *
 * <p>The crowd speaks only the documented protocol. Only loopback addresses and namespaces of the
 * run's own are ever sent to.
 */
@NullMarked
package stampede.rig.chaos;

import org.jspecify.annotations.NullMarked;
