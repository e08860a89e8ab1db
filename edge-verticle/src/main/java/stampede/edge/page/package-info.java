/**
 * Pages and the JSON beside them, for a crowd that all reads the same: rendered once per (page,
 * language, state) on each edge, given out from memory.
 *
 * <pre>
 *   phone ──► PageFront ── exact address → PageCache: fresh? ──► PageAnswer: 304, HEAD, gzip, age
 *                │ else                          ▲
 *                ▼                               │ Page: bytes, compressed bytes, headers
 *             Router ──► Pages ──► single flight ┴ PageMaker ◄── view.ShopHtml, view.PageJson
 *                                                     ▲
 *              hints ─────────────► Shelf ────────────┘ what an item is, what it is doing
 *              persist.query ─────► Catalogue (ahead)     BriefCache: what a reader made us ask
 *              owners ◄────────────   "     (what neither knows)
 * </pre>
 *
 * <ul>
 *   <li>All of it belongs to the edge's event loop. Forbidden: blocking, deciding anything, a
 *       number of units in an answer.
 *   <li>One rule for what an item is doing: as the last hint said. An owner's reply speaks only of
 *       items no hint has named; else it may confirm a hint, never run ahead of it. Every level is
 *       shown with the owner's time of it, or the time since when nobody spoke of the item.
 *   <li>Age: what shows a state or a level is fresh for 1 s, the list of sessions too; a page of
 *       one item is made anew at the next request after its state or level changed. {@code Age}
 *       counts from the rendering while owners speak at least every 3 s, else from their last word;
 *       then {@code Cache-Status} is {@code hit; ttl=-n}. News nobody renews are shown for 5 min, a
 *       catalogue nobody can read anew for an hour. After that an item between its times is {@code
 *       paused}, level {@code none}: nothing better is known.
 *   <li>Ahead of readers: the catalogue is read when the edge starts, soon after a hint names an
 *       item it does not have, and every 15 s, each edge at its own moment; what it does not have
 *       is asked of its owner; then every page of it is rendered once. So at the opening nothing is
 *       fetched: a hint makes the page old, the next reader's request makes it anew from memory.
 *   <li>Size: {@code pageBytesMax} bytes and 50,000 pages, least recently read first. Of each kind
 *       of question at most 32 are under way (256 to owners of known items); beyond that {@code
 *       busy}. Unknown ids are remembered for 5 s, in places of their own, so that a storm of them
 *       pushes nothing else out.
 *   <li>{@code ETag} is weak: it changes with the meaning, not with the moment (HTML also changes
 *       it every 10 s, since it shows the moment).
 *   <li>While an owner is away: what is known, else what was drained to MySQL. While MySQL is away:
 *       the last catalogue, and what owners tell of items that hints name.
 * </ul>
 */
@org.jspecify.annotations.NullMarked
package stampede.edge.page;
