/**
 * Scale curves: what a shake costs while one thing grows and everything else stays.
 *
 * <pre>
 *   ScaleBench ─┬─► SocketsCurve  an edge and a bare echo, a process each   ◄── CrowdProcess each
 *               ├─► ItemsCurve    two shops, a process each: many items, one ◄── TurnCrowd each
 *               ├─► OwnerCurves   users, stock: an owner, its journal in memory ◄── OwnerProcess
 *               └─► NodesCurve    a cluster that gets sale nodes and loses them ◄── TurnCrowd
 *                       └─► Curve: samples, medians, growth ─► a table, an SvgPlot
 * </pre>
 *
 * A cost is CPU time of the serving processes by shakes answered, so it does not matter that the
 * load shares their processors; of the owner without sockets it is the thread's and the collector's
 * share. Every curve is walked up and down; where a server can't shrink, it is measured in turns
 * with one that stays small. The judged figure of a line is its largest rise from a point to any
 * later one. Blocks its caller; every wait is bounded.
 */
@NullMarked
package stampede.bench.scale;

import org.jspecify.annotations.NullMarked;
