/**
 * A whole sale in one thread and in virtual time: the real owners, engine, drains and edges on
 * simulated machines, under faults drawn from a seed.
 *
 * <pre>
 *   Shopper, Operator ──► SimEdge ──► SimBus ──► SimSale ──► InMemoryJournal.Store   (a partition)
 *       │                (ShakeDesk,           (PartitionOwner)         │
 *       │                 OwnerLink)                                    ▼
 *       │                                  SimPersist (DrainLoop) ──► SimMySql
 *       ▼                                                               │
 *    Checker ◄── every append, every answer, every commit ──────────────┘
 *       ▲
 *    Nemesis: crashes, pauses, cuts, losses … of a FaultPlan, and just at Deadlines; then all is healed
 *    and must go well
 * </pre>
 *
 * <p>In half of the worlds a call that can't be made fails before it returns, as the real ports'
 * may: the database's breaker is open, nobody serves the address, the journal's connection is
 * closed.
 *
 * <p>One {@code SplittableRandom} a seed, one {@link stampede.rig.sim.SimClock}, no other source of
 * order: the same seed gives the same {@link stampede.rig.sim.RunReport#traceHash}. A {@link
 * stampede.rig.sim.Mistake} bends one port so that the world has a known bug; the checker must find
 * it.
 */
@NullMarked
package stampede.rig.sim;

import org.jspecify.annotations.NullMarked;
