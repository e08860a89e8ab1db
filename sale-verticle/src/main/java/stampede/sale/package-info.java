/**
 * Owns partitions: decides in memory, journals, answers.
 *
 * <pre>
 *              CommandBatch                                                 Journal (Redis Stream)
 *   edge ────────────────────► SaleVerticle ──► PartitionOwner                  ▲
 *                                                │ acquire → replay → Tenure ───┤ append, renew
 *                                                │                     │        │
 *   edge ◄──────────────────────────────────────┼─── held replies ◄────┘        │
 *              BatchReply, when durable          └─── ended? acquire anew        │
 * </pre>
 *
 * <p>Between two live owners a partition goes by asking:
 *
 * <pre>
 *   next owner                             present owner                    edges
 *      │ Approach: first in the line for 2 s, │                               │ ping it every second
 *      │◄───────── or hears "I leave" ────────│ Leaving: SIGTERM              │
 *      │ Acquisition: settings, cursor        │ serves                        │
 *      │ Asking: reads the log (ReadAhead)    │ serves                        │
 *      │────────────── HandOver ─────────────►│ GivingOver: names the next ──►│ not_owner(next):
 *      │                                      │   flushes, releases           │   send to the next
 *      │◄────────────── released ─────────────│ closed                        │
 *      │ Anteroom: batches wait ◄─────────────┼───────────────────────────────│
 *      │ Acquisition: acquires and, in the    │ Retreat: looks again, or      │
 *      │   same breath, reads the tail        │   stops                       │
 *      │   (EarlyRead, Replay), compares      │                               │
 *      │ Tenure: opens                        │                               │
 *      │ serves: who waits is let in ──────── hint ──────────────────────────►│ send what was busy
 * </pre>
 *
 * The first in the line behind a live owner follows its log (ReadAhead) five times a second, so
 * that it opens within a moment when the lease of a dead one runs out; the state of a partition is
 * in the memory of two nodes.
 *
 * <p>{@link stampede.sale.PartitionOwner} takes these steps one after the other; {@link
 * stampede.sale.Course} holds where it stands and drops what arrives for a step that is over;
 * {@link stampede.sale.Retreat} is where every step leads that fails. {@link
 * stampede.sale.Approach} decides when to ask and backs off, {@link stampede.sale.Turns} bounds how
 * many partitions are prepared at a time; one of them is asked for and on its way at a time, and
 * nothing is read for others meanwhile. {@link stampede.sale.TakeOver} says in the log how long
 * each step took. Nothing rests on these messages: what is lost or late costs time, as after a
 * crash, and who may write comes from the journal alone. An owner that {@link
 * stampede.sale.EdgeWatch} finds deaf gives its partitions up and comes after all others for 5 s;
 * so does one that an operator tells to step aside.
 *
 * <p>{@link stampede.sale.Drained} sees to it that nobody sells from a log that is shorter than
 * what MySQL has of it, also when that comes out only after the opening.
 *
 * <p>{@link stampede.sale.LogCutting} lets an owner's log begin later once a session was archived.
 *
 * <p>{@link stampede.sale.PartitionOwner} and its parts, {@link stampede.sale.Tenure} and {@link
 * stampede.sale.OwnerTime} are logic without threads and without Vert.x: they run on one event loop
 * here, and under virtual time in the simulation. {@link stampede.sale.SaleVerticle} is the only
 * class that touches the event bus.
 *
 * <p>Guarantees: no reply leaves before the journal covers what it rests on; at most one owner can
 * append; an owner that can't tell whether it still is one says nothing; {@link
 * stampede.sale.Passages}: no message of an edge is decided twice, and none that was sent again
 * meanwhile.
 */
@org.jspecify.annotations.NullMarked
package stampede.sale;
