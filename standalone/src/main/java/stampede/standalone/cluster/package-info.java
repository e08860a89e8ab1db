/**
 * A real cluster on one machine, for trying out, for tests and for breaking on purpose.
 *
 * <pre>
 *   LocalCluster ── ClusterPlan          what there is to be
 *      ├ Stores                          redis, mysql
 *      ├ NodeLauncher ── NodeFiles       node.conf, cluster.xml: written at each start of a node
 *      ├ ArchiveMaker ── ClassArchive    starts of the same jar share what the JVM made of its classes
 *      ├ NginxFront ── NginxConf         the shipped nginx.conf on local ports
 *      └ DeathWatch                      tells of processes that end unasked
 * </pre>
 *
 * <p>Every process is a {@link stampede.standalone.KeptServer}: it ends with this JVM, however that
 * one ends, and what a dead supervisor left behind is stopped by the next start on the same data
 * directory. Each has a directory of its own there with {@code server.log} and {@code server.pid}.
 *
 * <p>Ports are chosen below the range outgoing connections use, so that a killed node finds its own
 * free again. A node's {@code cluster.xml} lists the nodes known when it starts; the name of the
 * Hazelcast cluster comes from the data directory, so that two clusters never join.
 *
 * <p>Threads: everything blocks its caller within a bound and may be called from any thread but an
 * event loop's.
 */
@NullMarked
package stampede.standalone.cluster;

import org.jspecify.annotations.NullMarked;
