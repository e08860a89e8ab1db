/**
 * The figures of the README, and how they are measured.
 *
 * <pre>
 *   Bench ─┬─► EngineBench   JMH: decide, apply, replay; no I/O
 *          ├─► DrainBench    journal → MySQL, against bare inserts of the same rows
 *          ├─► SaleBench     a whole shop and its crowd, against an echo of the same frames
 *          ├─► ControlsBench the same against what people use instead, a JVM each (docs/compare.md)
 *          ├─► RefusedBench  the same crowd, refused by edge and owner, against the same echo
 *          ├─► SoldOutBench  an item that is gone: answered by the edge, against asking its owner
 *          ├─► FloodBench    honest shoppers without and with bots
 *          ├─► SocketsBench  idle sockets and all of them at once, a server process each
 *          └─► scale.*       what a shake costs while sockets, items, users, stock, nodes grow
 *                 └─► Table: figure, floor, ratio, machine, versions
 * </pre>
 *
 * Figures of one machine say little about another; a ratio to a floor measured in the same run says
 * more. Rounds of a figure and its floor take turns, and each is the median of its rounds. What a
 * process costs is read by {@link stampede.bench.ProcessMeter}, every latency of a round kept by
 * {@link stampede.bench.LatencyLog}. {@link stampede.bench.Size#TINY} runs all of it in seconds, so
 * that it still works when it is needed. Blocks its caller; every wait is bounded.
 */
@NullMarked
package stampede.bench;

import org.jspecify.annotations.NullMarked;
