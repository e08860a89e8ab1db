package stampede.edge;

import java.nio.charset.StandardCharsets;
import java.util.List;
import stampede.edge.admission.AdmissionLimits;
import stampede.edge.management.ManagementRules;
import stampede.edge.page.view.ShopLinks;
import stampede.node.ConfigReader;
import stampede.protocol.InvalidField;
import stampede.protocol.PartitionMap;

/**
 * Settings of an edge node; the keys of {@code conf/edge.conf}.
 *
 * @param node name of this node, different from every other edge's
 * @param httpPort public; 0 = any free one
 * @param managementHost should be reachable by operators only
 * @param jwtSecret signs shopper tokens; may be empty when there is a {@code jwksUrl}
 * @param adminSecret signs operator tokens
 * @param paymentSecret signs call-backs of the payment side; base64, perhaps after {@code whsec_}
 * @param jwksUrl where the shop's public keys are; empty = tokens by the secret only
 * @param jwksRefreshSeconds between two readings of it
 * @param deviceTokenHours how long the token of a device is good
 * @param partitions the same on every node
 * @param allowedOrigins of pages that may shake here, beside this host's own
 * @param devLogin hands out shopper tokens to anybody on this machine
 * @param signInUrl where pages send who is not signed in; empty = nowhere
 * @param payUrl where pages send who has an order; empty = nowhere
 * @param queueMax commands waiting for one partition
 * @param batchesInFlightMax batches on their way for one partition
 * @param bytesInFlightMax bytes on their way to one owner
 * @param socketsMax WebSockets of this node
 * @param commandsPerUserMax keys of one user under way
 * @param cooldownMs told to clients in the welcome; what holds is each item's own
 * @param cooldownsMax users and items whose cooldown is remembered
 * @param pageBytesMax rendered pages held, in bytes
 * @param usersMax users remembered for their rate and for signs of machines
 * @param addressesMax addresses remembered for the same
 * @param trustedProxies addresses, or networks such as {@code 10.0.0.0/8}, whose word about a
 *     shopper's address is taken
 * @param limits of the crowd; operators change them while the node runs
 * @param management rules of the operators' side
 * @param soldOutAtEdge refuses shakes of sold-out items here where that is certain
 * @param clusterConfig Hazelcast XML file
 * @param rehearse warms up at the start, so that the first second of a sale is as quick as any
 */
public record EdgeConfig(
    String node,
    String httpHost,
    int httpPort,
    String managementHost,
    int managementPort,
    String jwtSecret,
    String adminSecret,
    String paymentSecret,
    String jwksUrl,
    int jwksRefreshSeconds,
    int deviceTokenHours,
    int partitions,
    List<String> allowedOrigins,
    boolean devLogin,
    String signInUrl,
    String payUrl,
    int queueMax,
    int batchesInFlightMax,
    int bytesInFlightMax,
    int socketsMax,
    int commandsPerUserMax,
    long cooldownMs,
    int cooldownsMax,
    long pageBytesMax,
    int usersMax,
    int addressesMax,
    List<String> trustedProxies,
    AdmissionLimits limits,
    ManagementRules management,
    boolean soldOutAtEdge,
    String clusterConfig,
    boolean rehearse) {

  private static final int SECRET_BYTES_MIN = 32;

  public EdgeConfig {
    require(!node.isBlank() && node.length() <= 64, "node", "must be a name of 1 to 64 characters");
    require(!httpHost.isBlank(), "httpHost", "must be a host name or address");
    requireRange("httpPort", httpPort, 0, 65_535);
    require(!managementHost.isBlank(), "managementHost", "must be a host name or address");
    requireRange("managementPort", managementPort, 0, 65_535);
    if (!jwksUrl.isEmpty()) {
      PublicKeys.requireUrl(jwksUrl);
    }
    if (jwksUrl.isEmpty() || devLogin || !jwtSecret.isEmpty()) {
      requireSecret("jwtSecret", jwtSecret);
    }
    requireRange("jwksRefreshSeconds", jwksRefreshSeconds, 10, 86_400);
    requireRange("deviceTokenHours", deviceTokenHours, 1, 8_760);
    requireSecret("adminSecret", adminSecret);
    requireSecret("paymentSecret", paymentSecret);
    requireRange("partitions", partitions, 1, PartitionMap.PARTITIONS_MAX);
    requireRange("queueMax", queueMax, 1, 10_000_000);
    requireRange("batchesInFlightMax", batchesInFlightMax, 1, 64);
    requireRange("bytesInFlightMax", bytesInFlightMax, 1_024, 1 << 30);
    requireRange("socketsMax", socketsMax, 1, 1_000_000);
    requireRange("commandsPerUserMax", commandsPerUserMax, 1, 10_000);
    requireRange("cooldownMs", cooldownMs, 0, 3_600_000);
    requireRange("cooldownsMax", cooldownsMax, 1, 100_000_000);
    requireRange("pageBytesMax", pageBytesMax, 1 << 20, 1L << 33);
    requireRange("usersMax", usersMax, 1, 100_000_000);
    requireRange("addressesMax", addressesMax, 1, 10_000_000);
    allowedOrigins = List.copyOf(allowedOrigins);
    trustedProxies = List.copyOf(trustedProxies);
    new ShopLinks(signInUrl, payUrl, devLogin);
    new TrustedProxies(trustedProxies); // says what can't be understood
  }

  /** Where pages send people to. */
  ShopLinks links() {
    return new ShopLinks(signInUrl, payUrl, devLogin);
  }

  /** Secrets are masked. */
  @Override
  public String toString() {
    return ConfigReader.describe(this);
  }

  private static void requireSecret(String field, String secret) {
    int bytes = secret.getBytes(StandardCharsets.UTF_8).length;
    require(
        bytes >= SECRET_BYTES_MIN,
        field,
        bytes == 0
            ? "must be set; there is no default"
            : "must have at least " + SECRET_BYTES_MIN + " bytes, has " + bytes);
  }

  private static void requireRange(String field, long value, long min, long max) {
    require(value >= min && value <= max, field, "must be " + min + " to " + max + ", is " + value);
  }

  private static void require(boolean holds, String field, String problem) {
    if (!holds) {
      throw new InvalidField(field, problem);
    }
  }
}
