/**
 * From the journal to MySQL, and everything that is asked of MySQL. All SQL of the shop is in
 * {@link stampede.persist.Sql}.
 *
 * <pre>
 *                       PersistVerticle: wiring, one event loop
 *             ┌───────────────┴───────────────────────┐
 *   DrainRota: which of them, by DrainShare           │
 *   drain.DrainLoop (one a partition)            QueryDesk ◄── persist.query
 *             │ Chunk               ┌─────────────┼───────────┬────────────┐
 *      MySqlOrderStore ── ChunkSql Catalogue, Calendar   Queries      Reports
 *             │                    PlanSheet  │           └─ ReadSide ─┘ read server, else the primary
 *             │              CatalogueTables  │                 │
 *             └──────────────┬────────────────┴─────────────────┘
 *                        MySqlLink: pool, breaker, time-outs         Schema: numbered scripts
 *      webhook.WebhookVerticle: tells the shop (MySqlOutbox)
 * </pre>
 *
 * <p>Every persist node answers every query. A partition is drained by the first live node in its
 * line ({@link stampede.protocol.Rendezvous}); the next stands in when that one is gone, silent or
 * cut off from its stores for some seconds. For a moment two may drain: the cursor's check makes
 * that harmless.
 *
 * <p>What the drains wrote is compared with the journal by {@link
 * stampede.persist.reconcile.ReconcileVerticle}, on an event loop and a connection of its own; it
 * reads through {@code MySqlBooks}.
 *
 * <p>MySQL is a projection: sales go on without it, and the drains catch up when it is back. Times
 * are epoch milliseconds, money is in minor units, ids of users, keys and payments are bytes.
 * Nothing here is called from another thread than the verticle's.
 */
@org.jspecify.annotations.NullMarked
package stampede.persist;
