package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import stampede.protocol.Bytes;
import stampede.protocol.InvalidField;
import stampede.protocol.Outcome;
import stampede.protocol.Reply.Shaken;

class FramesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "frame    | ~~",
        "frame    | {",
        "frame    | []",
        "frame    | null",
        "frame    | 17",
        "frame    | {\"type\":\"ping\"} {}",
        "frame    | {\"type\":\"ping\",}",
        "frame    | {'type':'ping'}",
        "frame    | {\"type\":\"ping\",\"type\":\"shake\"}",
        "type     | {}",
        "type     | {\"type\":null}",
        "type     | {\"type\":1}",
        "type     | {\"type\":\"Shake\"}",
        "type     | {\"type\":\"buy\"}",
        "key      | {\"type\":\"shake\",\"item\":\"1\",\"quantity\":1}",
        "key      | {\"type\":\"shake\",\"item\":\"1\",\"quantity\":1,\"key\":7}",
        "key      | {\"type\":\"shake\",\"item\":\"1\",\"quantity\":1,\"key\":\"\"}",
        "key      | {\"type\":\"shake\",\"item\":\"1\",\"quantity\":1,\"key\":\"a b\"}",
        "key      | {\"type\":\"shake\",\"item\":\"1\",\"quantity\":1,\"key\":\"é\"}",
        "key      | {\"type\":\"shake\",\"item\":\"1\",\"quantity\":1,\"key\":\"a\\u0000\"}",
        "key      | {\"type\":\"result\",\"item\":\"1\",\"key\":\"a/b\"}",
        "item     | {\"type\":\"shake\",\"key\":\"k\",\"quantity\":1}",
        "item     | {\"type\":\"shake\",\"key\":\"k\",\"quantity\":1,\"item\":1001}",
        "item     | {\"type\":\"shake\",\"key\":\"k\",\"quantity\":1,\"item\":\"\"}",
        "item     | {\"type\":\"shake\",\"key\":\"k\",\"quantity\":1,\"item\":\"0\"}",
        "item     | {\"type\":\"shake\",\"key\":\"k\",\"quantity\":1,\"item\":\"01\"}",
        "item     | {\"type\":\"shake\",\"key\":\"k\",\"quantity\":1,\"item\":\"-1\"}",
        "item     | {\"type\":\"shake\",\"key\":\"k\",\"quantity\":1,\"item\":\"1.0\"}",
        "item     | {\"type\":\"shake\",\"key\":\"k\",\"quantity\":1,\"item\":\"abc\"}",
        "item     | {\"type\":\"shake\",\"key\":\"k\",\"quantity\":1,\"item\":\"9223372036854775808\"}",
        "items    | {\"type\":\"watch\"}",
        "items    | {\"type\":\"watch\",\"items\":\"1\"}",
        "items    | {\"type\":\"watch\",\"items\":[1]}",
        "items    | {\"type\":\"watch\",\"items\":[\"x\"]}",
      })
  void aFrameThatCantBeUsedNamesItsMember(String field, String frame) {
    InvalidField invalid = invalid(frame);

    assertThat(invalid.field()).isEqualTo(field);
    assertThat(invalid.getMessage()).startsWith(field + " ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-1",
        "1.5",
        "1.0",
        "1e0",
        "\"1\"",
        "1000000000",
        "1001",
        "99999999999999999999",
        "null",
        "true",
        "[1]",
        "{}"
      })
  void aShakeWithAnImpossibleQuantityIsKnownByItsKeyAndNamesTheQuantity(String quantity) {
    String shake = "{\"type\":\"shake\",\"key\":\"k-1\",\"item\":\"1001\",\"quantity\":%s}";

    ClientFrame frame = Frames.parse(shake.formatted(quantity));

    assertThat(frame).isInstanceOf(ClientFrame.BadShake.class);
    assertThat(((ClientFrame.BadShake) frame).detail()).startsWith("quantity must be");
  }

  @Test
  void aShakeWithoutQuantitySaysSo() {
    ClientFrame frame = Frames.parse("{\"type\":\"shake\",\"key\":\"k-1\",\"item\":\"1\"}");

    assertThat(frame)
        .isEqualTo(new ClientFrame.BadShake(1, Bytes.of("k-1"), "quantity is missing"));
  }

  @Test
  void goodFramesAreRead() {
    assertThat(
            Frames.parse(
                "{\"type\":\"shake\",\"key\":\"k-1_Z\",\"item\":\"9223372036854775807\",\"quantity\":1000}"))
        .isEqualTo(new ClientFrame.Shake(Long.MAX_VALUE, Bytes.of("k-1_Z"), 1_000));
    assertThat(Frames.parse("{\"item\":\"5\",\"key\":\"k\",\"type\":\"result\"}"))
        .isEqualTo(new ClientFrame.Result(5, Bytes.of("k")));
    assertThat(Frames.parse("{\"type\":\"watch\",\"items\":[\"1\",\"2\",\"1\"]}"))
        .isEqualTo(new ClientFrame.Watch(List.of(1L, 2L)));
    assertThat(Frames.parse(" {\"type\":\"ping\"}\n")).isEqualTo(new ClientFrame.Ping());
  }

  @Test
  void membersNobodyKnowsAreIgnored() {
    assertThat(
            Frames.parse("{\"x\":{\"type\":\"shake\",\"y\":[1,{}]},\"type\":\"ping\",\"z\":null}"))
        .isEqualTo(new ClientFrame.Ping());
  }

  @Test
  void atMostSixtyFourItemsAreWatchedAndKeysHaveAtMostSixtyFourCharacters() {
    assertThat(((ClientFrame.Watch) Frames.parse(watch(64))).items()).hasSize(64);
    assertThat(invalid(watch(65)).field()).isEqualTo("items");
    assertThat(Frames.key("k".repeat(64)).length()).isEqualTo(64);
    assertThat(invalid("{\"type\":\"result\",\"item\":\"1\",\"key\":\"" + "k".repeat(65) + "\"}"))
        .hasMessageStartingWith("key ");
  }

  @Test
  void whatIsWrittenIsJsonWhateverTheUserIsCalled() {
    Bytes user = Bytes.of("a\"b\\c\n\u0000é😀");

    JsonObject welcome = new JsonObject(Frames.welcome(user, 5, 6, "edge \"1\""));

    assertThat(welcome.getString("user")).isEqualTo(user.utf8());
    assertThat(welcome.getString("node")).isEqualTo("edge \"1\"");
    assertThat(new JsonObject(Frames.error("bad_frame", "a\"\u0001")).getString("detail"))
        .isEqualTo("a\"\u0001");
  }

  @Test
  void ownerMadeAnswersAboutTheKeyCarryTheirPositionAndOthersDoNot() {
    Bytes key = Bytes.of("k-1");

    JsonObject limit =
        json(key, Verdict.ofOwner(Shaken.limitReached(new long[] {1L << 53, 7}, 4, 5)));
    assertThat(limit.getJsonArray("orders"))
        .isEqualTo(new JsonArray().add("9007199254740992").add("7"));
    assertThat(limit.getLong("position")).isEqualTo(4);
    assertThat(limit.getLong("at")).isEqualTo(5);

    JsonObject throttled = json(key, Verdict.ofEdge(Outcome.THROTTLED, 4_800));
    assertThat(throttled.fieldNames())
        .containsExactlyInAnyOrder("type", "key", "item", "outcome", "retryAfterMs");
    JsonObject early = json(key, Verdict.ofOwner(Shaken.notOpen(99, 4, 5)));
    assertThat(early.getLong("opensAt")).isEqualTo(99);
    assertThat(early.containsKey("position")).isFalse();
  }

  private static JsonObject json(Bytes key, Verdict verdict) {
    return new JsonObject(
        Frames.outcome(1001, key, verdict, new StringBuilder("of the one before")));
  }

  private static String watch(int items) {
    return IntStream.rangeClosed(1, items)
        .mapToObj(i -> "\"" + i + "\"")
        .collect(Collectors.joining(",", "{\"type\":\"watch\",\"items\":[", "]}"));
  }

  private static InvalidField invalid(String frame) {
    InvalidField invalid =
        catchThrowableOfType(InvalidField.class, () -> Frames.parse(frame == null ? "" : frame));
    assertThat(invalid).as(frame).isNotNull();
    return invalid;
  }
}
