/**
 * The independent checker: says whether a run of real processes kept every promise, from what
 * clients saw and what the stores hold. It shares no class with what it checks, not even the
 * decoder: what both believed would never be found.
 *
 * <pre>
 *   clients, rig ──► History ──► DIR/history-*.jsonl ─┐
 *                                                     ├─► Run ──► Checker ──► Report
 *   Redis, MySQL ──► Dump ─────► DIR/dump.jsonl ──────┘
 * </pre>
 *
 * <p>{@code log} decodes the entries and folds them; {@code rule} holds one class for each group of
 * rules; {@link stampede.rig.check.CheckRun} checks a saved directory again.
 *
 * <h2>How to record a run</h2>
 *
 * <ol>
 *   <li>All clients live on one machine and use one monotonic clock. {@link
 *       stampede.rig.check.History} takes the time: tell it <em>before</em> bytes leave, and
 *       <em>after</em> they came.
 *   <li>Record every shake, {@code result}, payment and cancellation, over sockets and over HTTP,
 *       and every {@code outcome}, {@code order}, {@code welcome} and unknown frame. {@code item},
 *       {@code pong} and {@code queued} frames may be left out.
 *   <li>A connection has a name of its own, and so has each request over HTTP. A reconnect is a new
 *       name.
 *   <li>Let keys differ between users ({@code u17-k3}): a stray outcome is then seen as one.
 *   <li>Mark each fault and its healing with the same subject ({@code kill sale-1}, {@code suspend
 *       redis}), the moment all partitions are owned again, the end of the load, the end of the
 *       drain. A fault that is not marked makes lateness a violation.
 *   <li>Write down the state hash every owner shows, at rest too. Only two sightings of one
 *       position can be compared, and no two owners stand at one: after the dump fold the log anew,
 *       {@link stampede.rig.StateReplay}, and write down what that shows at the same positions. The
 *       report says how many were compared.
 *   <li>At the end ask by key for everything in {@link stampede.rig.check.Checker#openKeys}, wait
 *       for the drain, then dump: <em>first MySQL</em>, all tables in one consistent snapshot,
 *       <em>then Redis</em>, record and last entry of a partition in one transaction. Unpaid orders
 *       expire even when all is quiet: stores read piece by piece contradict each other.
 * </ol>
 *
 * <h2>A line of a history</h2>
 *
 * <pre>
 *   {"at":1,"event":"begun","wallMs":1790000000000,"subject":"crowd"}
 *   {"at":2,"client":"c1","user":"u1","event":"connected"}
 *   {"at":3,"client":"c1","user":"u1","event":"sent","what":"shake","item":"1001","key":"u1-k1","quantity":1}
 *   {"at":4,"client":"c1","user":"u1","event":"answer","what":"outcome","item":"1001","key":"u1-k1",
 *    "outcome":"accepted","order":"17592186044420","status":"held","payBy":…,"position":4,"decidedAt":…}
 *   {"at":5,"event":"fault","wallMs":…,"subject":"kill sale-1"}          healed, owned, load_ended, drained
 *   {"at":6,"event":"sighting","node":"sale-1","partition":3,"epoch":2,"position":90,"stateHash":"00ff…"}
 * </pre>
 *
 * <h2>What is checked</h2>
 *
 * <pre>
 *   S1  units add up at every prefix; items are known, portions come in turn and in time
 *   S2  what was told (accepted, paid, released, refund due) is in the log, as told, and in MySQL
 *   S3  every order matches a shake sent before it, of that quantity
 *   S4  one order a key and a user's units within the limit, at every prefix; one order told a key
 *   S5  frames that were not passed on leave no event; a bound key is told its order only
 *       an edge that says sold_out itself says it to nobody who had an order a second before
 *   S6  epochs never decrease, each begins with its one "owned"
 *   S7  positions contiguous from 1, crc, batches, time; record and cursor fit the log
 *   S8  answers do not go back behind what was heard; a decision is true at its position
 *   S9  an order ends once, not before its time; payments count once and come from somewhere
 *   S10 MySQL is the fold of the log up to each cursor
 *   S11 one state at one position, whoever shows it
 *   S12 nothing of another user, nothing of the console at a shopper's connection
 *   L1  owned ≤ 5 s after the last fault      L2  owners' answers from 10 s after it, also under load
 *   L3  unpaid units come back in time        L4  drained ≤ 30 s after the load has ended
 *   L5  every key has an answer, or was asked for and answered
 * </pre>
 *
 * <p>S13 needs a trace of system calls and is tested where that is. L1, L2 and L4 need their marks:
 * a run without any fault, or without an end of load, is not judged by them. One thing is not a
 * violation but counted: a refusal by the old log of an owner that was suspended, of a partition it
 * owned, for at most one lease and the way to the client.
 *
 * <p>Everything is held in memory: about 250 bytes an event of a client, 150 an event of the log.
 * One thread; {@code History} alone may be used by many. Times are nanoseconds of the clients'
 * clock where a name ends in {@code at}, epoch milliseconds where it ends in {@code Ms} and in
 * everything that comes from the wire, the log or MySQL.
 */
@NullMarked
package stampede.rig.check;

import org.jspecify.annotations.NullMarked;
