package stampede.edge;

import java.util.HashMap;
import java.util.Map;
import stampede.node.ConfigReader;

/** Configurations as a node reads them: the defaults, free ports, and what a test wants. */
final class EdgeConfigs {
  private EdgeConfigs() {}

  /**
   * @param changed key and value in turn
   */
  static EdgeConfig of(String secret, String... changed) {
    Map<String, String> properties = new HashMap<>();
    properties.put("stampede.httpPort", "0");
    properties.put("stampede.managementPort", "0");
    properties.put("stampede.jwtSecret", secret);
    properties.put("stampede.adminSecret", secret);
    properties.put("stampede.paymentSecret", secret);
    for (int i = 0; i < changed.length; i += 2) {
      properties.put("stampede." + changed[i], changed[i + 1]);
    }
    return new ConfigReader(Map.of(), properties).read(EdgeConfig.class, EdgeNode.DEFAULTS, null);
  }
}
