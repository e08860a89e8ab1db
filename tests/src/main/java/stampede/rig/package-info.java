/**
 * The virtual world of the simulation: the ports of {@link stampede.protocol.port} and {@link
 * stampede.sale.journal.Journal} without threads, network or disk.
 *
 * <pre>
 *   logic under test ──► InMemoryJournal ──► InMemoryJournal.Store   one partition, shared by its owners
 *          │                    │ asks
 *          │                  Faults                                  seeded: delays, losses, refusals
 *          └──► VirtualTimers                                         time passes only in run(…)
 * </pre>
 *
 * <p>{@link stampede.rig.Invariants} says what must be true of the log that comes of it.
 *
 * <p>Single-threaded. The same seed gives the same run, event for event.
 *
 * <p>And the real world from outside: {@link stampede.rig.StampedeProcess} runs the packaged jar,
 * {@link stampede.rig.RunningShop} is one that sells, and {@code Wire…} speak to it byte by byte,
 * so that they can also say what no decent client would. They share no code with what they test.
 * Nodes inside a test's own process: {@link stampede.rig.LoneCluster}, {@link
 * stampede.rig.NodeConfigs}.
 */
@NullMarked
package stampede.rig;

import org.jspecify.annotations.NullMarked;
