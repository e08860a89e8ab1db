package stampede.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import stampede.rig.StampedeProcess;
import stampede.rig.browser.BrowserResult;
import stampede.rig.browser.BrowserSuite;

/** What runs the browser tests must tell the truth about them. */
class BrowserRigIT {
  private static BrowserSuite suite;

  @BeforeAll
  static void prepare() {
    suite = BrowserTests.suite();
  }

  @TestFactory
  Stream<DynamicTest> whatIsWrongWithAPageIsSeen() {
    return BrowserTests.of(suite, "rig.test.mjs", Map.of(), Duration.ofSeconds(60));
  }

  @Test
  void failuresSkipsAndSettingsComeThrough() throws IOException {
    String source =
        """
        test('passes', () => assert.equal(process.env.WORD, 'heard'));
        test('fails', () => assert.fail('on purpose'));
        test('is skipped', { skip: 'not today' }, () => {});
        """;

    List<BrowserResult> results = run("results", source, Duration.ofSeconds(30));

    assertThat(results)
        .extracting(BrowserResult::name)
        .containsExactly("passes", "fails", "is skipped");
    assertThat(results.get(0).failure()).isNull();
    assertThat(results.get(1).failure()).contains("on purpose", "The end of the log");
    assertThat(results.get(2).skipped()).isEqualTo("not today");
  }

  @Test
  void aFileThatCannotBeReadIsAFailure() throws IOException {
    List<BrowserResult> results = run("broken", "this is no program", Duration.ofSeconds(30));

    assertThat(results).anyMatch(result -> result.failure() != null);
  }

  @Test
  void whatHangsIsEndedWithAllItStarted() throws IOException {
    String source =
        """
        import { spawn } from 'node:child_process';
        import { writeFileSync } from 'node:fs';
        test('hangs', () => new Promise(() => {
          writeFileSync('child.pid', String(spawn('sleep', ['600'], { detached: true }).pid));
        }));
        """;

    List<BrowserResult> results = run("hangs", source, Duration.ofSeconds(2));

    assertThat(results).hasSize(1);
    assertThat(results.get(0).failure()).contains("ended after PT2S");
    long child = Long.parseLong(Files.readString(suite.directory().resolve("child.pid")).strip());
    StampedeProcess.awaitGone(Set.of(child), Duration.ofSeconds(10));
  }

  private static List<BrowserResult> run(String name, String source, Duration bound)
      throws IOException {
    Path file = suite.directory().resolve("made-" + name + ".test.mjs");
    String imports =
        "import assert from 'node:assert/strict';\nimport { test } from 'node:test';\n";
    Files.writeString(file, imports + source);
    return suite.run(file.getFileName().toString(), Map.of("WORD", "heard"), bound);
  }
}
