package stampede.standalone;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code stampede admin token}: an operator's token on standard output and nothing else, to sign in
 * to the console with.
 */
@Command(
    name = "token",
    mixinStandardHelpOptions = true,
    description = "Prints an operator's token, to sign in to the console with.",
    exitCodeList = {"0:done", "2:wrong use, or no secret"})
final class AdminToken implements Callable<Integer> {
  private static final long HOURS_MAX = 24 * 31;

  /** What the token allows; each may do what those before it may. */
  private enum Role {
    VIEWER,
    OPERATOR,
    ADMIN
  }

  @Option(names = "--name", required = true, description = "whom the audit shows")
  private String name = "";

  @Option(names = "--role", required = true, description = "viewer, operator or admin")
  private Role role = Role.VIEWER;

  @Option(names = "--hours", description = "how long it is good (default: ${DEFAULT-VALUE})")
  private long hours = 12;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "data directory to take the admin secret from (default: ./data)")
  private Path data = Path.of("data");

  @Override
  public Integer call() {
    if (name.isBlank() || name.length() > 64) {
      throw new EnvironmentFault("--name", name, "1 to 64 characters");
    }
    if (hours < 1 || hours > HOURS_MAX) {
      throw new EnvironmentFault("--hours", Long.toString(hours), "1 to " + HOURS_MAX);
    }
    List<String> roles = List.of(role.name().toLowerCase(Locale.ROOT));
    Instant end = Instant.now().plus(Duration.ofHours(hours));
    System.out.println(new Tokens(Admin.secret(data)).operator(name, roles, end));
    return Stampede.GOOD;
  }

  /** What a command that runs a node prints of its console. */
  static String hint(String managementUrl, Path data) {
    return "  console    "
        + managementUrl
        + "/  (a token: ./stampede admin token --name NAME --role admin --data "
        + data
        + ")";
  }
}
