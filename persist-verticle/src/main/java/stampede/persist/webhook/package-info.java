/**
 * What the shop is told, over HTTP, at least once and in order.
 *
 * <pre>
 *   drain ── rows, in the chunk's own transaction ──► webhook_outbox        stampede.drain: who drains what, how far
 *                                                          │                        │
 *                                     Outbox (port): read, delete              WebhookShare: which partitions are mine
 *                                                          │                        │
 *                                                    WebhookSender ◄────────────────┘
 *                                     WebhookQueue: whose turn it is · EndpointGate: how many at once
 *                                                          │
 *                                                    WebhookPost ──► the shop's URL
 * </pre>
 *
 * <p>On an event loop and a MySQL connection of its own, so that nothing the shop's endpoint does
 * reaches the drains. A row is deleted after the shop has answered 2xx: whoever dies in between
 * leaves it to be sent again, under the same id. Rows of one order (and those of one item) go out
 * one after the other, each after the one before it was taken; others don't wait for them. A row
 * that fails too often is parked, and what follows it with it, until an operator says otherwise.
 *
 * <p>Partitions are shared as the drains share them: a node sends what it drains. For a moment two
 * may send the same row; its id makes that harmless.
 *
 * <p>Bounded: requests under way, rows held of a partition, the time of an attempt, the bytes read
 * of an answer. Never logged, stored or shown: bodies, secrets, the path of the URL, the text of an
 * answer.
 */
@org.jspecify.annotations.NullMarked
package stampede.persist.webhook;
