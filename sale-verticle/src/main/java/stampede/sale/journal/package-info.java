/**
 * The durable log of a partition behind the port {@link stampede.sale.journal.Journal}, and its
 * place in Redis.
 *
 * <pre>
 *   PartitionOwner ──► Journal (port)
 *                         │
 *                    RedisJournal ── acquire.lua append.lua renew.lua release.lua cut.lua owner.lua
 *                         │                         │ each one atomic step in Redis
 *                     RedisLink ────────────────────┴─► st:{p}:own   hash: who may write, where the log ends
 *                    (one a partition)                  st:{p}:log   stream: the entries
 *   JournalMeta, StoreSettings: asked once at start  ─► st:meta      hash: what all nodes agree on
 * </pre>
 *
 * <p>Who may write is decided inside the script that writes: an entry is added only if epoch, nonce
 * and position are those of the record, so of two nodes that both believe they own a partition one
 * is refused. An acknowledged entry is on Redis' disk, provided {@link
 * stampede.sale.journal.Journal#checkSettings} found nothing.
 *
 * <p>A log may begin later than with position 1: once all is over with the sessions of its first
 * events, and MySQL has them, the owner says so in the log ({@code LogCut}) and then lets go of
 * them ({@link stampede.sale.journal.Journal#cut}), a piece at a time. A crash between the two
 * costs nothing: the next owner finds the words and does the rest. Whoever reads takes a beginning
 * behind position 1 only if the log says that it may begin there.
 *
 * <p>Everything runs on the partition's event loop. Times are epoch milliseconds by Redis' clock;
 * positions count events from 1.
 */
@NullMarked
package stampede.sale.journal;

import org.jspecify.annotations.NullMarked;
