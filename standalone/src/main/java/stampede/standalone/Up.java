package stampede.standalone;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code stampede up}: one process for a small shop, its data kept. */
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    description =
        "Runs a small shop in one process until Ctrl-C or SIGTERM; its data is kept and survives kill -9.",
    exitCodeList = {"0:stopped in order", "2:wrong use, or something of this machine is missing"})
final class Up implements Callable<Integer> {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "where everything is kept (default: ${DEFAULT-VALUE})",
      defaultValue = "data")
  private Path directory = Path.of("data");

  @Option(
      names = "--dev-login",
      description = "POST /dev/login gives anybody on this machine a shopper's token")
  private boolean devLogin;

  @Override
  public Integer call() {
    try (Shutdown shutdown = new Shutdown()) {
      DataDirectory data = shutdown.closing(DataDirectory.open(directory));
      Map<String, String> environment = new HashMap<>(System.getenv());
      environment.putAll(data.secrets(environment, System.out::println));
      Stores stores = shutdown.opening(() -> Stores.open(data.path(), environment));
      stores.origins().forEach(line -> System.out.println("  " + line));
      OneProcess process = shutdown.closing(OneProcess.start(stores, environment, devLogin));
      System.out.println("  shop       " + process.httpUrl());
      System.out.println("  management " + process.managementUrl());
      System.out.println(AdminToken.hint(process.managementUrl(), directory));
      System.out.println("ready; Ctrl-C stops it");
      shutdown.awaitSignal(Stampede.GOOD);
    }
    return Stampede.GOOD;
  }
}
