package stampede.standalone;

import java.nio.file.Path;

/** A process that starts both servers, says their pids and waits: for tests that kill it. */
final class ServersMain {
  private ServersMain() {}

  public static void main(String[] args) throws InterruptedException {
    DataDirectory data = DataDirectory.open(Path.of(args[0]));
    EmbeddedRedis redis = EmbeddedRedis.start(data.path());
    EmbeddedMariaDb mariaDb = EmbeddedMariaDb.start(data.path());
    System.out.println("pids " + redis.pid() + " " + mariaDb.pid());
    Thread.sleep(60_000);
  }
}
