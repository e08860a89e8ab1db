/**
 * The edge: faces the crowd and brings its shakes to the owners. One event loop per verticle; every
 * class here belongs to it, nothing is shared between loops.
 *
 * <pre>
 *   phone ──ws──► ShakeEndpoint ─ ShakeSocket ┐                       ┌► PartitionQueue 0 ─┐
 *                    Frames: text ↔ record    ├► ShakeDesk ─► OwnerLink ► PartitionQueue 1 ─┼─ bus ─► owner
 *   phone ─http─► ShakeApi ───────────────────┘   Admission           └► …                 ─┘
 *              ─── ShakeForm, without a script    (its own manual)        OwnerRoutes ◄─ hints
 *                    Identity: who is it
 *   everybody ────► page.PageFront: pages that are there, before the router
 * </pre>
 *
 * <ul>
 *   <li>A shake that reached {@link stampede.edge.ShakeDesk} gets an outcome, or {@code pending}
 *       after a second and the outcome later; all ends within about ten seconds, two more where it
 *       waits in its item's line.
 *   <li>Owner-made answers are passed on one to one. The edge itself only says that an attempt was
 *       not passed on ({@code not_open}, {@code paused}, {@code throttled}, {@code missed}, {@code
 *       busy}, {@code blocked}), or that nothing is left for it ({@code sold_out} without a
 *       position): only on the owner's word of the last second, and never to one who may have an
 *       order ({@link stampede.edge.SoldOut}).
 *   <li>What was told is the last word: no copy of a shake that is still under way is decided once
 *       its answer is here. Only a shake that was given up, told {@code pending}, may still become
 *       an order: until the edge next reaches that owner, or for as long as a copy is late if the
 *       edge died.
 *   <li>Who has not signed in is a device, by a token that edges make ({@link
 *       stampede.edge.DeviceTokens}); users of the shop are never called so. What a device gets is
 *       claimed by a user who shows its token.
 *   <li>Hints are shown and routed by. An attempt is refused on them when it is certainly too
 *       early, or its item is paused; nothing is decided on them about a key.
 *   <li>{@link stampede.edge.ConnectionWatch} bounds every connection, socket or not: in time, from
 *       when something begins to when it is complete, and in bytes that wait to be written.
 *   <li>Limits: those of {@link stampede.edge.admission}; commands queued per partition, batches in
 *       flight per partition, bytes in flight per owner, commands in flight per user, sockets per
 *       user and per node, 4 KiB a frame, 64 watched items a socket, a slow socket's 5 s,
 *       handshakes waiting. Meeting one has a name: an outcome, a close code or a reason in the
 *       metrics.
 *   <li>Time: monotonic milliseconds for waits and ages, the owner's time from hints for the
 *       window, epoch milliseconds on the wire.
 *   <li>Forbidden: Redis, MySQL, blocking calls, threads.
 * </ul>
 */
@org.jspecify.annotations.NullMarked
package stampede.edge;
