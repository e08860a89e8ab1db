package stampede.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stampede.protocol.InvalidField;

class StandardWebhooksTest {
  private static final String SETTING = "STAMPEDE_PAYMENT_SECRET";
  private static final String SECRET = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final String ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";
  private static final String AT = "1614265330";
  private static final long NOW_MS = 1_614_265_330_000L;
  private static final byte[] BODY = bytes("{\"test\": 2432232314}");

  private final StandardWebhooks signature = webhooks("whsec_" + SECRET);

  @Test
  void acceptsTheExampleOfStandardWebhooks() {
    String published = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    assertThat(signature.faultOf(ID, AT, published, BODY, NOW_MS)).isNull();
    assertThat(signature.sign(ID, Long.parseLong(AT), BODY)).isEqualTo(published);
  }

  @Test
  void prefixOfTheSecretIsOptional() {
    StandardWebhooks bare = webhooks(SECRET);

    assertThat(bare.faultOf(ID, AT, signed(BODY), BODY, NOW_MS)).isNull();
  }

  @Test
  void oneGoodSignatureAmongSeveralIsEnough() {
    String several = "v1,AAAA v2,zzzz " + signed(BODY) + " v1a,bbbb";

    assertThat(signature.faultOf(ID, AT, several, BODY, NOW_MS)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1,AAAA", "v1,", "v1,%%%", "nonsense", "", "v2,"})
  void refusesWhatIsNoGoodSignature(String header) {
    assertThat(signature.faultOf(ID, AT, header, BODY, NOW_MS)).isEqualTo("signature_invalid");
  }

  @Test
  void refusesAGoodSignatureOfAnotherVersion() {
    String other = signed(BODY).replace("v1,", "v2,");

    assertThat(signature.faultOf(ID, AT, other, BODY, NOW_MS)).isEqualTo("signature_invalid");
  }

  @Test
  void refusesAnAlteredBodyIdOrTime() {
    String good = signed(BODY);

    assertThat(signature.faultOf(ID, AT, good, bytes("{\"test\": 2432232315}"), NOW_MS))
        .isEqualTo("signature_invalid");
    assertThat(signature.faultOf("msg_2", AT, good, BODY, NOW_MS)).isEqualTo("signature_invalid");
    assertThat(signature.faultOf(ID, "1614265331", good, BODY, NOW_MS))
        .isEqualTo("signature_invalid");
  }

  @Test
  void refusesWhatIsOlderOrNewerThanFiveMinutes() {
    String good = signed(BODY);

    assertThat(signature.faultOf(ID, AT, good, BODY, NOW_MS + 300_000)).isNull();
    assertThat(signature.faultOf(ID, AT, good, BODY, NOW_MS - 300_000)).isNull();
    assertThat(signature.faultOf(ID, AT, good, BODY, NOW_MS + 301_000))
        .isEqualTo("timestamp_outside");
    assertThat(signature.faultOf(ID, AT, good, BODY, NOW_MS - 301_000))
        .isEqualTo("timestamp_outside");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "abc", "-1614265330", "1614265330.5", "9223372036854775807"})
  void refusesATimeThatIsNone(String timestamp) {
    assertThat(signature.faultOf(ID, timestamp, signed(BODY), BODY, NOW_MS))
        .isEqualTo("timestamp_outside");
  }

  @Test
  void namesMissingHeaders() {
    assertThat(signature.faultOf(null, AT, "v1,x", BODY, NOW_MS)).isEqualTo("signature_missing");
    assertThat(signature.faultOf(ID, null, "v1,x", BODY, NOW_MS)).isEqualTo("signature_missing");
    assertThat(signature.faultOf(ID, AT, null, BODY, NOW_MS)).isEqualTo("signature_missing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "whsec_", "whsec_not base64!", "c2hvcnQ="})
  void refusesASecretThatIsNoKey(String secret) {
    assertThatThrownBy(() -> webhooks(secret))
        .isInstanceOf(InvalidField.class)
        .hasMessageStartingWith(SETTING);
  }

  private String signed(byte[] body) {
    return signature.sign(ID, Long.parseLong(AT), body);
  }

  private static StandardWebhooks webhooks(String secret) {
    return new StandardWebhooks(SETTING, secret, 24);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
