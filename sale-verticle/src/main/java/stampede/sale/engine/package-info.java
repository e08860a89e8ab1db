/**
 * The rules of a sale, for one partition. Pure: no clock (time is an argument), no randomness, no
 * I/O, no threads, no logging.
 *
 * <pre>
 *   command, now ──► decide ──► reply + events ──► apply ──► state      live
 *                                 events ────────► apply ──► state      replay: the same code
 * </pre>
 */
@org.jspecify.annotations.NullMarked
package stampede.sale.engine;
