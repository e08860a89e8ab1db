/**
 * Whether MySQL says what the journal made, looked at all the time, a little at a time.
 *
 * <pre>
 *   JournalReader ── entries up to the cursor ──► BooksFold: a digest an order, units an item
 *                                                    │
 *   Books ── rows and the cursor, one reading ──► PartitionReconciler ── twice seen ──► Watcher: alarm, names the order
 *                                                    │
 *        what was drained just now · the newest orders again and again · a sweep over all · stock and cursor
 * </pre>
 *
 * <p>No false alarm by design: rows are read in the same statement as the partition's cursor, and
 * compared only when exactly the events up to that cursor are folded. Whatever is drained, paid or
 * released meanwhile is in both or in neither. What differs is read a second time all the same.
 *
 * <p>The fold is made anew when the node starts or takes a partition over, from the log's first
 * entry on; what an archive has cut away is not looked at. It is no part of the drain and shares
 * none of its code for what an event means: a mistake there shows here. It never writes, except
 * when an item opened, was sold out and ended, which nothing else keeps.
 *
 * <p>The first to start in a process compares a sale that never was, so that the one of the first
 * real second is compiled ({@code Rehearsal}).
 *
 * <p>Bounded: rows and events a second by {@link stampede.persist.reconcile.ReconcileConfig},
 * memory too; one question to each store at a time. Pure but for {@code ReconcileVerticle}: no
 * Vert.x, no I/O, no threads. Everything belongs to one event loop, which is not the drains'.
 * Positions count events of a partition from 1; times are epoch milliseconds by the journal's
 * clock.
 */
@org.jspecify.annotations.NullMarked
package stampede.persist.reconcile;
