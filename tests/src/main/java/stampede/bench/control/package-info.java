/**
 * What people use instead, to be measured beside the shop: small, fair and correct.
 *
 * <pre>
 *   crowd ──ws──► ControlServer ──► TransactionSale   (a) one MySQL transaction a shake
 *                              └──► ScriptSale        (b) one Redis script a shake
 *                                      └─ stream ─► OrderConsumer ─► 500-row inserts ─► MySQL
 * </pre>
 *
 * The same frames as the shop's on the same HTTP server, so that only the way of a sale differs:
 * final answers only, never oversold, one order a buyer, everything that was answered is durable.
 * What the shop does besides (admission, limits, keys that bind, take-over, payment, expiry) they
 * leave out, and are spared its cost. A sale lives on the event loop it was opened on, the consumer
 * on one of its own, like the shop's drain. Where there was a choice it is the one that makes the
 * control faster; docs/compare.md lists them.
 */
@NullMarked
package stampede.bench.control;

import org.jspecify.annotations.NullMarked;
