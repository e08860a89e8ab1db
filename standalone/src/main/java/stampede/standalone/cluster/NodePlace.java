package stampede.standalone.cluster;

import java.nio.file.Path;

/**
 * Where a node lives, the same at each of its starts.
 *
 * @param host its address, for the others and for this JVM
 * @param httpPort of an edge; 0 of the others
 * @param managementPort on {@code host}
 * @param clusterPort of Hazelcast, on {@code host}
 * @param directory holds its configuration, its log and its pid
 */
record NodePlace(
    String name,
    NodeRole role,
    String host,
    String httpHost,
    int httpPort,
    int managementPort,
    int clusterPort,
    Path directory) {}
