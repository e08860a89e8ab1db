/**
 * Moving the journal to the database, without either of them: ports, the loop of one partition, and
 * what a piece of the journal means in rows.
 *
 * <pre>
 *   JournalReader ──Backlog──► DrainLoop ──Chunk──► OrderStore: one transaction, cursor included
 *        ▲                        │  ▲                  │
 *        └──── after the cursor ──┘  └── CommitResult ──┘
 * </pre>
 *
 * <p>Guarantee: every event takes effect in the store once and in order. The store compares the
 * cursor inside the transaction that moves it, so any number of loops may drain one partition: all
 * but one see {@link stampede.persist.drain.CommitResult.CursorMoved} and step back. Nothing is
 * ever skipped: what can't be drained halts the partition with the cursor where it is.
 *
 * <p>Pure: no Vert.x, no I/O, no threads, no logging. Every object belongs to one event loop.
 * Positions count events of a partition from 1; times are epoch milliseconds by the journal's
 * clock.
 */
@org.jspecify.annotations.NullMarked
package stampede.persist.drain;
