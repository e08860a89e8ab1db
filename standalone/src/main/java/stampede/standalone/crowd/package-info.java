/**
 * A seeded crowd of real WebSocket clients that speaks only the documented protocol: it knows
 * nothing of the server's classes.
 *
 * <pre>
 *   Crowd ─ one Vert.x, one event loop
 *     ├ Dialer     opens sockets, at most 200 at a time, with back-off
 *     ├ Shopper*   one user: a Behaviour drawn by the seed, its Attempts (keys), its FrameLog
 *     └ Tally      counters for the progress line; the only part other threads may read
 *   OpenLoad ─ the same without behaviour: a rate, LoadUsers that send and never wait
 *   → CrowdReport: what every user sent and was told
 * </pre>
 *
 * <p>Everything but {@code Tally} and the records is confined to the crowd's event loop. Times
 * named {@code …Ms} without more are epoch milliseconds; latencies are counted from the moment a
 * shake was meant to be sent, not from when it could be.
 */
@NullMarked
package stampede.standalone.crowd;

import org.jspecify.annotations.NullMarked;
