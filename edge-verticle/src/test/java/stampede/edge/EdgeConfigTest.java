package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import stampede.node.ConfigFault;

class EdgeConfigTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  @Test
  void refusesAMissingOrShortSecretByName() {
    assertThatThrownBy(() -> config("", SECRET, 0, 16))
        .isInstanceOf(ConfigFault.class)
        .hasMessageStartingWith("jwtSecret must be set; there is no default");
    assertThatThrownBy(() -> config(SECRET, "short", 0, 16))
        .isInstanceOf(ConfigFault.class)
        .hasMessageStartingWith("adminSecret must have at least 32 bytes, has 5");
  }

  @Test
  void refusesValuesOutOfRangeByName() {
    assertThatThrownBy(() -> config(SECRET, SECRET, 70_000, 16))
        .hasMessageStartingWith("httpPort must be 0 to 65535, is 70000");
    assertThatThrownBy(() -> config(SECRET, SECRET, 0, 0)).hasMessageStartingWith("partitions ");
  }

  @Test
  void sendsPeopleToPlacesOnly() {
    for (String bad :
        List.of("javascript:alert(1)", "data:text/html,x", "//evil.example", "pay", "https:// x")) {
      assertThatThrownBy(() -> EdgeConfigs.of(SECRET, "signInUrl", bad))
          .as(bad)
          .hasMessageStartingWith("signInUrl must begin with");
    }
    assertThatThrownBy(() -> EdgeConfigs.of(SECRET, "payUrl", "https://pay.example/"))
        .hasMessageStartingWith("payUrl must have {order}");
    EdgeConfig good = EdgeConfigs.of(SECRET, "payUrl", "https://pay.example/{order}");
    assertThat(good.links().payUrl()).isEqualTo("https://pay.example/{order}");
  }

  @Test
  void neverPrintsASecret() {
    assertThat(config(SECRET, SECRET, 0, 16).toString())
        .doesNotContain(SECRET)
        .contains("jwtSecret");
  }

  @Test
  void startsOnAFreePortAndSaysWhichOneIsTaken() throws Exception {
    Vertx vertx = Vertx.vertx();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      EdgeVerticle edge = new EdgeVerticle(config(SECRET, SECRET, 0, 16), java.util.List::of);
      get(vertx.deployVerticle(edge));
      assertThat(edge.httpPort()).isPositive();

      int port = taken.getLocalPort();
      assertThatThrownBy(
              () ->
                  get(
                      vertx.deployVerticle(
                          new EdgeVerticle(config(SECRET, SECRET, port, 16), java.util.List::of))))
          .hasMessageContaining("httpPort " + port)
          .hasMessageContaining("STAMPEDE_HTTP_PORT");
    } finally {
      get(vertx.close());
    }
  }

  private static <T> T get(io.vertx.core.Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private static EdgeConfig config(String jwt, String admin, int port, int partitions) {
    return EdgeConfigs.of(
        SECRET,
        "jwtSecret",
        jwt,
        "adminSecret",
        admin,
        "httpPort",
        Integer.toString(port),
        "partitions",
        Integer.toString(partitions));
  }
}
