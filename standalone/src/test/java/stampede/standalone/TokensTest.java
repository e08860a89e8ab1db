package stampede.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class TokensTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  @Test
  void aShopperTokenCarriesAudienceUserAndEnd() {
    JsonObject claims = claims(new Tokens(SECRET).shopper("u\"1", Instant.ofEpochSecond(1_000)));

    assertThat(claims.getMap())
        .containsEntry("aud", "stampede")
        .containsEntry("sub", "u\"1")
        .containsEntry("exp", 1_000);
  }

  @Test
  void anOperatorTokenCarriesItsRoles() {
    JsonObject claims =
        claims(new Tokens(SECRET).operator("cli", List.of("admin"), Instant.ofEpochSecond(1_000)));

    assertThat(claims.getString("aud")).isEqualTo("stampede-admin");
    assertThat(claims.getJsonArray("roles")).containsExactly("admin");
  }

  @Test
  void theSignatureIsTheHmacOfHeaderAndClaims() throws GeneralSecurityException {
    String token = new Tokens(SECRET).shopper("u1", Instant.ofEpochSecond(1_000));
    int dot = token.lastIndexOf('.');

    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));

    assertThat(Base64.getUrlDecoder().decode(token.substring(dot + 1)))
        .isEqualTo(mac.doFinal(token.substring(0, dot).getBytes(StandardCharsets.US_ASCII)));
  }

  private static JsonObject claims(String token) {
    return new JsonObject(
        new String(Base64.getUrlDecoder().decode(token.split("\\.")[1]), StandardCharsets.UTF_8));
  }
}
