package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stampede.protocol.Bytes;
import stampede.protocol.InvalidField;

class ShakeScannerTest {
  private static final int FRAMES = 200_000;
  private static final String[] KEYS = {
    "k-1", "", "_", "k".repeat(64), "k".repeat(65), "a b", "a\\u0041", "é", "a/b", "\\n", "\u0000"
  };
  private static final String[] ITEMS = {
    "\"1001\"",
    "\"0\"",
    "\"01\"",
    "\"\"",
    "1001",
    "null",
    "\"999999999999999999\"",
    "\"1000000000000000000\"",
    "\"9223372036854775807\"",
    "\"9223372036854775808\"",
    "\"-1\"",
    "\"1 \"",
    "\"18446744073709551617\"",
    "[\"1\"]"
  };
  private static final String[] QUANTITIES = {
    "1",
    "1000",
    "1001",
    "0",
    "01",
    "-1",
    "+1",
    "1.0",
    "1e0",
    "\"1\"",
    "null",
    "true",
    "{}",
    "4294967297",
    "18446744073709551617",
    ""
  };
  private static final String[] TYPES = {
    "\"shake\"", "\"result\"", "\"ping\"", "\"Shake\"", "\"shake \"", "\"sh\\u0061ke\"", "1", "null"
  };
  private static final String[] OTHERS = {
    "\"x\":1",
    "\"items\":[\"1\"]",
    "\"type\":\"shake\"",
    "\"key\":\"k\"",
    "\"\":null",
    "\"ke\\u0079\":\"z\""
  };
  private static final String[] BLANKS = {"", " ", "  ", "\t", "\n"};
  private static final String MUTANTS = "\"\\{}[]:, 0123456789abtekysh-_.+é\u0000\ud83d";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"shake\",\"key\":\"k-1_Z\",\"item\":\"1001\",\"quantity\":2}",
        "{\"type\": \"shake\", \"key\": \"k-1_Z\", \"item\": \"1001\", \"quantity\": 2}",
        "{ \"quantity\" : 2 , \"item\" : \"1001\" , \"key\" : \"k-1_Z\" , \"type\" : \"shake\" }",
      })
  void shakesAsClientsWriteThemNeedNoParser(String frame) {
    assertThat(ShakeScanner.scan(frame))
        .isEqualTo(new ClientFrame.Shake(1001, Bytes.of("k-1_Z"), 2))
        .isEqualTo(Frames.parseAny(frame));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{}",
        "{\"type\":\"ping\"}",
        "{\"type\":\"shake\",\"key\":\"k\",\"item\":\"1\",\"quantity\":1",
        "{\"type\":\"shake\",\"key\":\"k\",\"item\":\"1\",\"quantity\":1,}",
        "{\"type\":\"shake\",\"key\":\"k\",\"item\":\"1\",\"quantity\":1}{}",
        "{\"type\":\"shake\",\"key\":\"k\",\"item\":\"1\",\"quantity\":1.0}",
        "{\"type\":\"shake\",\"key\":\"k\",\"item\":\"1\",\"quantity\":1,\"key\":\"l\"}",
        "{\"type\":\"result\",\"key\":\"k\",\"item\":\"1\",\"quantity\":1}",
      })
  void everythingElseIsLeftToTheParser(String frame) {
    assertThat(ShakeScanner.scan(frame)).isNull();
  }

  @Test
  void whatIsScannedIsWhatTheParserReads() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int scanned = 0;

    for (int i = 0; i < FRAMES; i++) {
      String frame = frame(random);
      ClientFrame hot = ShakeScanner.scan(frame);
      if (hot != null) {
        scanned++;
        assertThat(parsed(frame)).as("seed %d: %s", seed, frame).isEqualTo(hot);
      }
    }

    assertThat(scanned).as("seed %d", seed).isBetween(FRAMES / 100, FRAMES / 2);
  }

  private static @Nullable ClientFrame parsed(String frame) {
    try {
      return Frames.parseAny(frame);
    } catch (InvalidField e) {
      return null;
    }
  }

  private static String frame(Random random) {
    List<String> members = new ArrayList<>();
    members.add("\"type\"" + colon(random) + often(random, TYPES));
    members.add("\"key\"" + colon(random) + '"' + often(random, KEYS) + '"');
    members.add("\"item\"" + colon(random) + often(random, ITEMS));
    members.add("\"quantity\"" + colon(random) + often(random, QUANTITIES));
    if (random.nextInt(10) == 0) {
      members.add(any(random, OTHERS));
    }
    if (random.nextInt(10) == 0) {
      members.remove(random.nextInt(members.size()));
    }
    Collections.shuffle(members, random);
    String comma = often(random, BLANKS) + "," + often(random, BLANKS);
    StringBuilder frame = new StringBuilder("{" + String.join(comma, members) + "}");
    while (random.nextInt(3) == 0) {
      mutate(frame, random);
    }
    return frame.toString();
  }

  private static void mutate(StringBuilder frame, Random random) {
    int at = random.nextInt(frame.length());
    char other = MUTANTS.charAt(random.nextInt(MUTANTS.length()));
    switch (random.nextInt(3)) {
      case 0 -> frame.setCharAt(at, other);
      case 1 -> frame.insert(at, other);
      default -> frame.deleteCharAt(at);
    }
    if (frame.isEmpty()) {
      frame.append(other);
    }
  }

  private static String colon(Random random) {
    return often(random, BLANKS) + ":" + often(random, BLANKS);
  }

  /** Mostly the first, which is good. */
  private static String often(Random random, String[] values) {
    return random.nextInt(5) < 4 ? values[0] : any(random, values);
  }

  private static String any(Random random, String[] values) {
    return values[random.nextInt(values.length)];
  }
}
