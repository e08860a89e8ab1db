package stampede.persist;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stampede.protocol.Bytes;

class SqlTextTest {
  private final SqlText text = new SqlText(64);

  @Test
  void idsOfLettersAndDigitsAreWrittenAsTheyAre() {
    text.open("(");
    text.bytes(Bytes.of("aZ09-._:")).bytes(Bytes.of("k"));
    text.close(")");

    assertThat(text.toString()).isEqualTo("('aZ09-._:','k')");
  }

  @ParameterizedTest
  @ValueSource(strings = {"'", "\\", "\"", "\0", "\n", " ", ";", "`", "%", "é", "快", "/", "@", "{"})
  void oneOtherCharacterMakesThemHexadecimal(String other) {
    text.bytes(Bytes.of("u" + other + "1"));

    assertThat(text.toString()).matches("x'75([0-9a-f]{2})+31'");
  }

  @Test
  void textOfLettersAndDigitsIsWrittenAsItIsAndAnyOtherIsHexadecimal() {
    text.open("(");
    text.text("CNY").text("it's").text("秒");
    text.close(")");

    assertThat(text.toString()).isEqualTo("('CNY',_utf8mb4 x'69742773',_utf8mb4 x'e7a792')");
  }

  @Test
  void joinedRowsAreHexadecimalSoThatTheirTypesAgree() {
    text.columns(List.of("a"));
    text.open("SELECT ");
    text.bytes(Bytes.of("u1"));
    text.close("");
    text.open("SELECT ");
    text.bytes(Bytes.of("u\0"));
    text.close("");

    assertThat(text.toString()).isEqualTo("SELECT x'7531' AS a UNION ALL SELECT x'7500'");
  }
}
