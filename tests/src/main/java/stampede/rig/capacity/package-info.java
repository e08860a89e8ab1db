/**
 * A sale as a network of queues, fed with measured costs: what {@code docs/scale.md} rests on.
 *
 * <pre>
 *   phones ──► edge loop ──► item line ──► partition queue ──► owner loop ──► group ──► Redis ─┐
 *     ▲ │ busy: again        (≤ in flight)  (≤ batches, ≤ 512)  (≤ waiting)    (≤ 1,000)  fsync │
 *     │ └──────────────────────────────────────────────────────────────────────────────────────│
 *     └──── edge loop ◄──── reply, when durable; hints: sold out, level ◄──────────────────────┘
 *                                                     Redis ──► drain, a chunk at a time ──► MySQL
 * </pre>
 *
 * <p>{@link stampede.rig.capacity.Costs} are measured or derived from what was (their file says
 * from what), {@link stampede.rig.capacity.Bounds} are the product's own, a {@link
 * stampede.rig.capacity.Plan} is what somebody would buy. {@link stampede.rig.capacity.SaleModel}
 * plays one partition, the fullest, and all edges; what serves other partitions too is as much
 * slower as its part in this one is smaller. {@link stampede.rig.capacity.ScalePaper} prints the
 * tables of the paper.
 *
 * <p>No threads, no clock, one random source a seed: the same seed gives the same result. Times are
 * microseconds of virtual time unless a name ends otherwise.
 */
@NullMarked
package stampede.rig.capacity;

import org.jspecify.annotations.NullMarked;
