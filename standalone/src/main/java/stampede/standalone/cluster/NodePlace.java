package stampede.standalone.cluster;

import java.nio.file.Path;

/**
 * Where a node lives, the same at each of its starts.
 *
 * @param httpPort of an edge; 0 of the others
 * @param managementPort on 127.0.0.1
 * @param clusterPort of Hazelcast, on 127.0.0.1
 * @param directory holds its configuration, its log and its pid
 */
record NodePlace(
    String name,
    NodeRole role,
    String httpHost,
    int httpPort,
    int managementPort,
    int clusterPort,
    Path directory) {}
