/**
 * From the journal to MySQL, and everything that is asked of MySQL. All SQL of the shop is in
 * {@link stampede.persist.Sql}.
 *
 * <pre>
 *                       PersistVerticle: wiring, one event loop
 *             ┌───────────────┴───────────────────────┐
 *   DrainRota: which of them, by DrainShare           │
 *   drain.DrainLoop (one a partition)            QueryDesk ◄── persist.query
 *             │ Chunk                             │       │
 *      MySqlOrderStore ── ChunkSql            Catalogue  Queries
 *             └──────────────┬────────────────────┴───────┘
 *                        MySqlLink: pool, breaker, time-outs         Schema: numbered scripts
 * </pre>
 *
 * <p>MySQL is a projection: sales go on without it, and the drains catch up when it is back. Times
 * are epoch milliseconds, money is in minor units, ids of users, keys and payments are bytes.
 * Nothing here is called from another thread than the verticle's.
 */
@org.jspecify.annotations.NullMarked
package stampede.persist;
