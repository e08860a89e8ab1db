/**
 * The few things the decision logic needs from its surroundings, as interfaces without threads and
 * without Vert.x.
 *
 * <pre>
 *   PartitionOwner   DrainLoop   PartitionQueue        logic: single-threaded, no I/O, no clock of its own
 *          │             │             │
 *        Timers         Bus        Completion          these ports (plus Journal, OrderStore … beside their logic)
 *          │             │
 *     event loop     event bus                         in production: package stampede.node
 *     virtual time   virtual net                       in the simulation: package stampede.rig
 * </pre>
 *
 * Contract of every port: a call returns at once; its {@link stampede.protocol.port.Completion} is
 * called exactly once, later or before the call returns, on the caller's own event loop, and within
 * the bound the call names.
 */
@org.jspecify.annotations.NullMarked
package stampede.protocol.port;
