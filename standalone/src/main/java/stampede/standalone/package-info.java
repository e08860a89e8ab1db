/**
 * Everything in one process: the command line, the embedded servers, the data directory.
 *
 * <pre>
 *   Stampede (picocli) ── exit codes ── EnvironmentFault
 *      │
 *      ├ DataDirectory   lock, secrets.env (mode 600)
 *      ├ EmbeddedRedis ───┐
 *      ├ EmbeddedMariaDb ─┤   PackagedBinary: unpacked once into the cache
 *      │                  └ ServerProcess ═pipe═ /bin/sh supervisor ── redis-server | mariadbd
 *      ├ StoreUrls       stores.env (mode 600): where the servers of a running shop are
 *      ├ crowd           real WebSocket clients, drawn by a seed, or at a rate
 *      ├ verdict         what the crowd was told against what the books say
 *      └ reconcile       the journal against MySQL, row by row; repair of a journal that regressed
 * </pre>
 *
 * <p>Threads: everything here blocks its caller and belongs on the main thread or a shutdown hook,
 * never on an event loop; only {@code crowd} and {@code verdict} are asynchronous. Every wait has a
 * bound, given where it is made.
 *
 * <p>Servers never outlive the command: the supervisor's standard input is a pipe held by this JVM,
 * so the kernel tells it when the JVM is gone, {@code kill -9} included. They sit in their own
 * session, so a Ctrl-C in the terminal reaches only the JVM, which stops them in order. What a dead
 * supervisor left behind is found by its pid file at the next start and stopped first.
 */
@NullMarked
package stampede.standalone;

import org.jspecify.annotations.NullMarked;
