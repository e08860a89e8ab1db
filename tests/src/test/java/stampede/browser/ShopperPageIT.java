package stampede.browser;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import stampede.rig.RunningShop;
import stampede.rig.StampedeProcess;
import stampede.rig.browser.BrowserSuite;
import stampede.rig.browser.ShopSteering;

/**
 * What a shopper sees of a real shop. {@code -Dpictures=write} takes the README's picture anew;
 * otherwise it must be there and of the same size.
 */
class ShopperPageIT {
  private static final Duration BOUND = Duration.ofMinutes(4);

  @TempDir static Path directory;
  private static BrowserSuite suite;
  private static RunningShop shop;
  private static ShopSteering steering;

  @BeforeAll
  static void start() {
    suite = BrowserTests.suite();
    shop = RunningShop.start(directory, ShopSteering.LINKS);
    steering = ShopSteering.of(shop);
  }

  @AfterAll
  static void stop() {
    if (steering != null) {
      steering.close();
    }
    if (shop != null) {
      shop.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> theModuleAlone() {
    return BrowserTests.of(suite, "shop-module.test.mjs", settings(), BOUND);
  }

  @TestFactory
  Stream<DynamicTest> thePageAtAShop() {
    return BrowserTests.of(suite, "shopper.test.mjs", settings(), BOUND);
  }

  private static Map<String, String> settings() {
    Path root = StampedeProcess.root();
    Map<String, String> settings = new HashMap<>(steering.environment());
    settings.put("WEBROOT", root.resolve("edge-verticle/src/main/resources/webroot").toString());
    settings.put("PICTURE", root.resolve("docs/pictures/shopper.png").toString());
    settings.put("PICTURES", System.getProperty("pictures", "compare"));
    return settings;
  }
}
