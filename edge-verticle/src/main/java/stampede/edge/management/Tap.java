package stampede.edge.management;

import org.jspecify.annotations.Nullable;

/** What is published to operators; each by its exact name, and nothing else of the bus. */
enum Tap {
  STATS("stats", "the figures, once a second; oftener by admin.stats"),
  CLUSTER("cluster", "admin.cluster's reply, when owners or members change, else every 10 s"),
  ALARMS("alarms", "each alarm of a node as it is logged; the last ones: admin.alarms");

  private final String address;
  private final String says;

  Tap(String address, String says) {
    this.address = address;
    this.says = says;
  }

  String address() {
    return address;
  }

  String says() {
    return says;
  }

  static @Nullable Tap ofAddress(String address) {
    for (Tap tap : values()) {
      if (tap.address.equals(address)) {
        return tap;
      }
    }
    return null;
  }
}
