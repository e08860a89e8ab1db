package stampede.standalone;

import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code stampede admin ADDRESS [JSON]}: one message to an admin address, its reply on standard
 * output.
 */
@Command(
    name = "admin",
    mixinStandardHelpOptions = true,
    description =
        "Sends one message to an admin address through the management port and prints the reply; of what is published (stats, cluster, alarms) it prints a line each time, until stopped; alone it lists the addresses.",
    subcommands = AdminToken.class,
    exitCodeList = {"0:done", "1:the command was refused", "2:wrong use, or nobody listens there"})
final class Admin implements Callable<Integer> {
  private static final String COMMANDS = "admin.";
  private static final long TOKEN_SECONDS = 60;
  private static final long TAP_TOKEN_SECONDS = 86_400;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "ADDRESS",
      description = "for example admin.item.get")
  private @Nullable String address;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "JSON",
      description = "the body; default {}")
  private String body = "{}";

  @Option(
      names = "--lines",
      paramLabel = "N",
      description = "stop after so many of what is published (default: never)")
  private long lines = Long.MAX_VALUE;

  @Option(
      names = "--url",
      description = "management port (default: ${DEFAULT-VALUE})",
      defaultValue = "http://127.0.0.1:8081")
  private URI url = URI.create("http://127.0.0.1:8081");

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "data directory to take the admin secret from (default: ./data)")
  private Path data = Path.of("data");

  @Option(names = "--user", description = "who the audit shows (default: $USER)")
  private String user = System.getenv().getOrDefault("USER", "operator");

  @Override
  public Integer call() {
    JsonObject message = parse(body);
    String token =
        new Tokens(secret(data))
            .operator(user, List.of("admin"), Instant.now().plusSeconds(tokenSeconds()));
    Vertx vertx = Vertx.vertx();
    try (AdminClient client = AdminClient.connect(vertx, url, token)) {
      if (address == null) {
        return list(client);
      }
      boolean isPublished = !address.startsWith(COMMANDS) && client.published().contains(address);
      return isPublished ? tap(client, address) : ask(client, address, message);
    } finally {
      vertx.close();
    }
  }

  /**
   * @throws EnvironmentFault if there is none
   */
  static String secret(Path data) {
    Map<String, String> secrets = DataDirectory.knownSecrets(data, System.getenv());
    String secret = secrets.get("STAMPEDE_ADMIN_SECRET");
    if (secret == null) {
      throw new EnvironmentFault(
          "STAMPEDE_ADMIN_SECRET",
          "none in the environment and no " + data.resolve("secrets.env"),
          "the secret of the node, or --data");
    }
    return secret;
  }

  private static int list(AdminClient client) {
    JsonObject pong = client.require("admin.ping", new JsonObject());
    pong.getJsonArray("addresses").forEach(System.out::println);
    return Stampede.GOOD;
  }

  /** A socket ends with its token: who listens wants to do so for longer. */
  private long tokenSeconds() {
    boolean listens = address != null && !address.startsWith(COMMANDS);
    return listens ? TAP_TOKEN_SECONDS : TOKEN_SECONDS;
  }

  private int tap(AdminClient client, String published) {
    long[] left = {lines};
    client.tap(
        published,
        body -> {
          System.out.println(body.encode());
          return --left[0] > 0;
        });
    return Stampede.GOOD;
  }

  private static int ask(AdminClient client, String address, JsonObject message) {
    JsonObject reply = client.send(address, message);
    System.out.println(reply.encodePrettily());
    return reply.containsKey("error") ? Stampede.BROKEN : Stampede.GOOD;
  }

  private static JsonObject parse(String text) {
    try {
      return new JsonObject(text);
    } catch (DecodeException e) {
      throw new EnvironmentFault("JSON", text, "a JSON object, for example '{\"item\":\"1001\"}'");
    }
  }
}
