/**
 * Whether the journal in Redis and its projection in MySQL tell the same story, and what can be
 * done when the journal is the shorter one.
 *
 * <pre>
 *   RedisLog ── entries, checked ──► Ledger (SaleEngine + what only MySQL shows)   fold up to the cursor
 *                                      │
 *   BooksSnapshot ── rows, in pages ──►Comparison ──► Differences, in words
 *     one consistent read                              └ none: the rest of the log is folded too
 *
 *   journal shorter than the cursor:  RepairPlan (pure) ──► JournalRepair: append under a new epoch
 * </pre>
 *
 * <p>The cursor is read first, in the same snapshot as every row, and the journal after it: so a
 * shop that goes on selling shows no difference. One partition is in memory at a time, its orders
 * as the engine keeps them (about 100 bytes each, more once they are archived); rows come in pages
 * by primary key.
 *
 * <p>{@code Ledger}, {@code Comparison} and {@code RepairPlan} are pure. {@code RedisLog} and
 * {@code BooksSnapshot} block their caller, bounded; they are for a command's own thread, never for
 * an event loop. Positions count from 1, times are epoch milliseconds.
 */
@NullMarked
package stampede.standalone.reconcile;

import org.jspecify.annotations.NullMarked;
