/**
 * The doctor: {@code stampede check}. Looks, and changes nothing.
 *
 * <pre>
 *   Check ─ CheckSettings (environment over --conf)
 *     ├ MachineCheck   java, open files, ports
 *     ├ RedisCheck     what owners ask of a journal, and its clock
 *     ├ MySqlCheck     version, durability, limits, its clock
 *     ├ JoinCheck      joins the cluster as a member without data, and leaves
 *     └ FrontCheck     what a shopper meets at --url: sockets pass, operators' pages don't
 *   → a CheckLine each: ok, warn, RED, or skipped with how to have it checked
 * </pre>
 *
 * <p>Everything blocks its caller, and every wait has a bound of 20 s or less. Passwords never
 * reach a line.
 */
@NullMarked
package stampede.standalone.check;

import org.jspecify.annotations.NullMarked;
