/**
 * The figures operators watch, of all edges and owners together, and a quarter of an hour of them.
 *
 * <pre>
 *   owners ── stampede.sales ──┐                             ┌─► admin.stats; stats, once a second
 *   edges ─── stampede.edges ──┼─► LiveFigures ──────────────┤
 *   drainers ─ (DrainWatch) ───┘    the latest, with ages    └─ a second ─► History ─► admin.history
 * </pre>
 *
 * <p>No figure that the console shows is older than a second: edges tell theirs every 250 ms,
 * owners every 200 to 300 ms, drainers every 400 ms at the latest, and the console asks by {@code
 * admin.stats} 400 ms after each answer.
 *
 * <p>Everything is bounded: so many edges, so many items, so many seconds. Nothing here decides
 * anything, and shoppers never see it. On the edge's event loop.
 */
@org.jspecify.annotations.NullMarked
package stampede.edge.management.live;
