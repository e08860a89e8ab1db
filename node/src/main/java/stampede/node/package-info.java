/**
 * What the mains of all nodes share, and nothing a rule depends on.
 *
 * <pre>
 *   conf/edge.conf + environment + -D  ──ConfigReader──►  a record, validated, printed with secrets masked
 *   Timers, Bus                        ◄──VertxTimers, VertxBus──  one event loop, the event bus
 *   main                               ──NodeProcess──►  deploy, wait for SIGTERM, undeploy in order, exit code
 *   cluster.xml, role, name            ──Cluster──►  a clustered Vert.x, and who else is there
 *   the shop's calls and ours          ──StandardWebhooks──►  signed, checked
 *   a member comes or goes             ──Presence──►  this node says again where it is and what it listens to
 *   stop()                             ──Readiness──►  /health/ready: first of all, before anything closes
 * </pre>
 *
 * {@link stampede.node.VertxTimers} and {@link stampede.node.VertxBus} are used from the event loop
 * of the verticle that made them.
 */
@org.jspecify.annotations.NullMarked
package stampede.node;
