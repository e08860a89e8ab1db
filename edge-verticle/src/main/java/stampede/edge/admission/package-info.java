/**
 * Who of the crowd is let in, in one list of questions, the cheapest first. What comes in here has
 * a frame of bounded size and a known user; what goes out is in its partition's queue.
 *
 * <pre>
 *   shake ─► Admission                                   refused with        on what it knows
 *              blocked        an owner said so lately    blocked             3 s of memory
 *              window         500 ms before the opening  not_open            hint, owner's time
 *              paused         by an operator             paused              hint
 *              (sold out)     a place is kept for it
 *              cooldown       user and item              throttled           what was passed on
 *              gate           the item's chance          missed              hint, a die
 *              rates          user · address · node      throttled           one number each (GCRA)
 *         ─► Suspicion? ─► SlowLane: later, not less     busy when full
 *         ─► ItemQueues: a line an item, with credits    busy when full      ─► PartitionQueue
 * </pre>
 *
 * <ul>
 *   <li>A key under way never gets here: it waits for its answer.
 *   <li>Every refusal is about the attempt, has an outcome and says when to come again; times to
 *       come again are spread where many would hear the same one.
 *   <li>Asking charges nothing. Cooldown and rates count what was passed on, so who taps too early,
 *       misses or finds a line full loses nothing by it.
 *   <li>Rules are pure: the time is in the {@link stampede.edge.admission.Attempt}, chance is an
 *       argument. They read limits anew each time: {@link stampede.edge.admission.LiveLimits} may
 *       change between two shakes.
 *   <li>Memory is bounded and made once ({@code BriefMemory}): a refused shake costs a look-up or
 *       two in an array and leaves nothing behind. Who is forgotten is let in once too often; the
 *       limits that count are the owner's.
 *   <li>A suspicion delays and never refuses: each of the signs has honest people who show it.
 *   <li>The address of a shopper is what the proxy says, and only a proxy that is named in {@code
 *       trustedProxies} is believed; people on this machine have none.
 *   <li>Threads: the edge's event loop. Times: monotonic milliseconds, but the owner's time for the
 *       window. Forbidden: Vert.x, clocks, randomness of its own, {@code stampede.edge} itself.
 * </ul>
 *
 * All limits, their defaults and what is heard when one is met: {@code docs/limits.md}.
 */
@org.jspecify.annotations.NullMarked
package stampede.edge.admission;
