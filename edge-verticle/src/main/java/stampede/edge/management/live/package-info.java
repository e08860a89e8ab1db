/**
 * The figures operators watch, of all edges and owners together, and a quarter of an hour of them.
 *
 * <pre>
 *   owners ── stampede.sales ──┐                             ┌─► stats, once a second
 *   edges ─── stampede.edges ──┼─► LiveFigures ── a second ──┤
 *   drainers ─ (DrainWatch) ───┘    the latest, with ages    └─► History ─► admin.history
 * </pre>
 *
 * <p>Everything is bounded: so many edges, so many items, so many seconds. Nothing here decides
 * anything, and shoppers never see it. On the edge's event loop.
 */
@org.jspecify.annotations.NullMarked
package stampede.edge.management.live;
