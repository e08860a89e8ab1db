package stampede.persist.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import stampede.node.ConfigFault;
import stampede.node.ConfigReader;
import stampede.node.StandardWebhooks;
import stampede.persist.PersistConfig;
import stampede.persist.PersistNode;

class WebhookConfigTest {
  private static final String SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

  @Test
  void nothingIsToldUnlessAUrlIsSet() {
    WebhookConfig config = read(Map.of()).webhook();

    assertThat(config).isEqualTo(WebhookConfig.OFF);
    assertThat(config.isOn()).isFalse();
  }

  @Test
  void urlAndSecretComeFromTheEnvironmentAndTheSecretIsNeverShown() {
    PersistConfig config =
        read(
            Map.of(
                "STAMPEDE_WEBHOOK_URL",
                "https://shop.example:8443/hooks/path-word",
                "STAMPEDE_WEBHOOK_SECRET",
                SECRET));

    assertThat(config.webhook().isOn()).isTrue();
    assertThat(config.webhook().place()).isEqualTo("https://shop.example:8443");
    assertThat(ConfigReader.describe(config))
        .contains("webhook.url = https://shop.example:8443/hooks/path-word")
        .contains("webhook.secret = ****")
        .doesNotContain(SECRET);
  }

  @Test
  void whatCannotBeUsedIsNamed() {
    for (String url :
        List.of("shop.example", "ftp://shop/", "https://", "http://a:b@shop/", "http://s/#x")) {
      refuses(Map.of("STAMPEDE_WEBHOOK_URL", url, "STAMPEDE_WEBHOOK_SECRET", SECRET), "URL");
    }
    refuses(Map.of("STAMPEDE_WEBHOOK_URL", "http://shop/"), "SECRET");
    String url = "http://shop/";
    for (String secret : List.of("whsec_c2hvcnQ=", "not base64!", SECRET.substring(0, 40))) {
      refuses(Map.of("STAMPEDE_WEBHOOK_URL", url, "STAMPEDE_WEBHOOK_SECRET", secret), "SECRET");
    }
    refuses(Map.of("STAMPEDE_WEBHOOK_IN_FLIGHT_MAX", "0"), "IN_FLIGHT_MAX");
  }

  /** Computed apart from this code. */
  @Test
  void signsAsStandardWebhooksHasIt() {
    byte[] body = "{\"type\":\"order.paid\"}".getBytes(StandardCharsets.UTF_8);

    assertThat(new StandardWebhooks("secret", SECRET, 32).sign("3-42", 1_700_000_000, body))
        .isEqualTo("v1,fhu03ScRfUG0Wp6zrZn455h6advGfWN+IXZaZ1Y76pU=");
  }

  @Test
  void idsAreMadeOfPartitionAndPosition() {
    assertThat(WebhookRow.id(3, WebhookKind.PAID.line(42))).isEqualTo("3-42");
    assertThat(WebhookRow.id(3, WebhookKind.SOLD_OUT.line(42))).isEqualTo("3-42-sold_out");
    for (WebhookKind kind : WebhookKind.values()) {
      assertThat(WebhookKind.of(kind.text())).isEqualTo(kind);
    }
  }

  private static void refuses(Map<String, String> environment, String setting) {
    assertThatThrownBy(() -> read(environment))
        .as(environment.toString())
        .isInstanceOf(ConfigFault.class)
        .hasMessageContaining("STAMPEDE_WEBHOOK_" + setting);
  }

  private static PersistConfig read(Map<String, String> environment) {
    Map<String, String> all = new HashMap<>(environment);
    all.put("STAMPEDE_REDIS_URL", "redis://127.0.0.1:1");
    all.put("STAMPEDE_MYSQL_URL", "mysql://u:p@127.0.0.1:1/stampede");
    return new ConfigReader(all, Map.of()).read(PersistConfig.class, PersistNode.DEFAULTS, null);
  }
}
