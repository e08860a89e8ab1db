/**
 * The rules of a sale, for one partition. Pure: no clock (time is an argument, epoch ms), no
 * randomness, no I/O, no threads, no logging; only {@code java.*}, {@code stampede.protocol} and
 * Agrona's primitive collections. No map is iterated where something is decided or applied, so the
 * same events make the same state everywhere.
 *
 * <pre>
 *   command, now ──► decide ──► reply + events ──► apply ──► state      live
 *            now ──► due ─────────────── events ──► apply ──► state      time alone
 *                                        events ──► apply ──► state      replay: the same code
 *
 *   SaleEngine ─┬─ ShopperRules   shake, result, cancel, claim, pay, find  read
 *               ├─ SteerRules     publish, steer, archive, cut         read
 *               └─ SaleState      apply, state hash                    the only writer
 *                   ├─ ItemSale   one item: counters, window, portions
 *                   ├─ Orders     rows of orders; keys; Payments
 *                   ├─ Claims     orders of devices: which wait for a user, who claimed which
 *                   ├─ Buyers     (item, user) → units and orders
 *                   ├─ SessionUnits  (session, user) → units, of sessions with a limit
 *                   └─ Interner   users; payments          HashIndex, Rows, ByteArena beneath
 *                   CutAway    what a log that was cut lacks, until its cut is met
 * </pre>
 *
 * <p>Everything belongs to the thread that owns the partition. Whoever calls applies all events of
 * a decision before asking for the next one, and lets the reply go only when they are durable.
 * <em>decide</em> and <em>due</em> change nothing: an exception there costs one answer. A {@link
 * stampede.sale.engine.BrokenInvariant} from <em>apply</em> means that the events contradict each
 * other: drop the engine, fold the journal anew.
 *
 * <p>An answer that depends on an item's window rests on the window's events: a shake that comes
 * when the item should have opened, ended or got a portion of stock brings these events along.
 *
 * <p>An order of a device counts for the device's limit, and once a user has claimed it for that
 * user's too; unclaimed it ends at the time to claim, as an unpaid one at the time to pay.
 *
 * <p>A session that is over is archived: its items, their orders, keys and payments are no longer
 * here, and {@link stampede.sale.engine.Renumbering} makes the rows anew from what stays. Then a
 * cut may say up to where the log is not needed: up to before the first item that is still here,
 * with what else holds from before restated (blocked users, limits). From it on the state is the
 * same, hash for hash, whether the whole log was applied or only what is behind any position up to
 * there: {@link stampede.sale.engine.CutAway} skips what is said of items published before, and
 * they must all turn out to be archived. Steering keys of before a cut are forgotten with it, so
 * none comes within 30 s of one.
 *
 * <p>Memory: about 150 bytes a buyer; a refused shake leaves nothing behind and allocates nothing.
 * What an order costs is the memory it touches, {@code docs/engine-cost.md}: whoever has a batch
 * says so first by <em>expect</em>, so that what its orders and, of a large partition, its refusals
 * miss in the cache is fetched at once.
 */
@org.jspecify.annotations.NullMarked
package stampede.sale.engine;
