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
 * {@link stampede.sale.PartitionOwner}, {@link stampede.sale.Tenure} and {@link
 * stampede.sale.OwnerTime} are logic without threads and without Vert.x: they run on one event loop
 * here, and under virtual time in the simulation. {@link stampede.sale.SaleVerticle} is the only
 * class that touches the event bus.
 *
 * <p>Guarantees: no reply leaves before the journal covers what it rests on; at most one owner can
 * append; an owner that can't tell whether it still is one says nothing.
 */
@org.jspecify.annotations.NullMarked
package stampede.sale;
