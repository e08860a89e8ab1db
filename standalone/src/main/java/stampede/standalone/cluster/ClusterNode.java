package stampede.standalone.cluster;

import java.nio.file.Path;
import stampede.standalone.KeptServer;
import stampede.standalone.ServerProcess;

/** A node of a local cluster: a JVM of its own. Thread-safe. */
public final class ClusterNode {
  private final NodePlace place;
  private final KeptServer process;

  ClusterNode(NodePlace place, KeptServer process) {
    this.place = place;
    this.process = process;
  }

  /** {@code edge-1}; the same after a restart, as are its ports and its directory. */
  public String name() {
    return place.name();
  }

  public NodeRole role() {
    return place.role();
  }

  /** The JVM, for those who end it and start it again. */
  public KeptServer process() {
    return process;
  }

  /** Of the JVM that runs now, or ran last. */
  public long pid() {
    return process.pid();
  }

  /** The public side of an edge; the others have none. */
  public String httpUrl() {
    if (place.role() != NodeRole.EDGE) {
      throw new IllegalStateException(place.name() + " has no public side");
    }
    return "http://" + place.httpHost() + ":" + place.httpPort();
  }

  public int httpPort() {
    return place.httpPort();
  }

  public String managementUrl() {
    return "http://" + place.host() + ":" + place.managementPort();
  }

  public int managementPort() {
    return place.managementPort();
  }

  /** Its address. */
  public String host() {
    return place.host();
  }

  /** Of Hazelcast. */
  public int clusterPort() {
    return place.clusterPort();
  }

  /** Standard output and error of all its starts. */
  public Path log() {
    return place.directory().resolve(ServerProcess.LOG_FILE);
  }
}
