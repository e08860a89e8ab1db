package stampede.browser;

import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import stampede.rig.browser.BrowserResult;
import stampede.rig.browser.BrowserSuite;

/** A file of browser tests as JUnit sees it: a test for each of its tests. */
public final class BrowserTests {
  private BrowserTests() {}

  /** The browser and what drives it; a test that needs it is skipped, with the reason, without. */
  public static BrowserSuite suite() {
    try {
      return BrowserSuite.prepare();
    } catch (BrowserSuite.Missing e) {
      return Assumptions.abort("skipped, for want of a browser: " + e.getMessage());
    }
  }

  public static Stream<DynamicTest> of(
      BrowserSuite suite, String file, Map<String, String> environment, Duration bound) {
    return suite.run(file, environment, bound).stream()
        .map(result -> DynamicTest.dynamicTest(result.name(), () -> show(result)));
  }

  private static void show(BrowserResult result) {
    if (result.failure() != null) {
      Assertions.fail(result.failure());
    }
    Assumptions.assumeTrue(result.skipped() == null, () -> "skipped: " + result.skipped());
  }
}
