/**
 * Redis as the journal uses it: one connection that keeps its order, and calls that always end.
 *
 * <pre>
 *   RedisJournal (sale)     drain loop (persist)
 *        │      │                 │
 *        │   JournalStream ───────┘      stream entries ↔ JournalEntry, strict
 *        │      │
 *        RedisLink                       one connection; time-outs, back-off, bound, EVALSHA
 *        │
 *   vertx-redis-client                   has none of these on an owned connection
 * </pre>
 *
 * <p>Every object belongs to the event loop it was made on: calls from elsewhere are refused with
 * an {@link java.lang.IllegalStateException}, completions come there. Times are milliseconds, sizes
 * bytes. Nothing here logs or throws credentials.
 */
@NullMarked
package stampede.node.redis;

import org.jspecify.annotations.NullMarked;
