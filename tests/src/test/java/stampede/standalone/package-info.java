/**
 * Commands of the command line against a shop that runs: the shop in a process of its own, the
 * command in this one, in its own package so that its output and exit code can be had without
 * starting a JVM for each.
 */
@NullMarked
package stampede.standalone;

import org.jspecify.annotations.NullMarked;
