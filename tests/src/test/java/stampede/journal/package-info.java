/**
 * What every {@link stampede.sale.journal.Journal} promises ({@link
 * stampede.journal.JournalContract}), kept by the one in memory and the one in Redis, and what only
 * a real Redis can show: lost replies, kill -9, wrong settings, damaged keys.
 */
@NullMarked
package stampede.journal;

import org.jspecify.annotations.NullMarked;
