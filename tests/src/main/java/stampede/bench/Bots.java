package stampede.bench;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import stampede.standalone.Tokens;

/**
 * Clients without manners, cheap for the machine they share with what they attack: frames made
 * beforehand, answers not understood. Of a hundred turns {@value #OPENING} open a socket more than
 * is allowed, one sends garbage, one a frame too large; all others shake at once again.
 */
final class Bots implements AutoCloseable, RawSockets.Listener {
  private static final int OPENING = 1;
  private static final int GARBAGE = 1;
  private static final int LARGE = 1;
  private static final int KEYS = 64;

  private final RawSockets sockets = new RawSockets("bots", this::tick);
  private final int port;
  private final double aSecond;
  private final List<String> tokens = new ArrayList<>();
  private final List<byte[]> shakes = new ArrayList<>();
  private final List<RawSockets.Socket> all = new ArrayList<>();
  private final byte[] garbage = RawSockets.text("{\"type\":\"shake\",\"key\":");
  private final byte[] large = RawSockets.text("x".repeat(5_000));
  private final long begin = System.nanoTime();
  private volatile boolean ready;
  private volatile long sent;
  private long turns;

  Bots(int port, int ids, String item, double aSecond) {
    this.port = port;
    this.aSecond = aSecond;
    Tokens maker = new Tokens(BenchShop.SECRET);
    String run = Long.toString(begin & 0xFFFFFFFL, 36);
    for (int i = 0; i < ids; i++) {
      tokens.add(maker.shopper("bot-" + i, Instant.now().plusSeconds(3_600)));
    }
    for (int i = 0; i < KEYS; i++) {
      String head = "{\"type\":\"shake\",\"key\":\"" + run + "-" + i + "\",\"item\":\"";
      shakes.add(RawSockets.text(head + item + "\",\"quantity\":1}"));
    }
    sockets.execute(
        () -> {
          for (int id = 0; id < ids; id++) {
            all.add(open(id));
          }
          ready = true;
        });
  }

  private RawSockets.Socket open(int id) {
    return sockets.open(id, "127.0.0." + (2 + id % 200), port, tokens.get(id), this);
  }

  void awaitSent(long frames) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (sent < frames) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("the bots do not get going");
      }
      Pause.ms(10);
    }
  }

  /** Frames a second so far. */
  double rate() {
    return sent * 1e9 / (System.nanoTime() - begin);
  }

  private void tick() {
    double due = (System.nanoTime() - begin) / 1e9 * aSecond;
    for (int n = 0; ready && turns < due && n < 1_000; n++) {
      turn((int) (turns++ % all.size()));
    }
  }

  private void turn(int index) {
    RawSockets.Socket bot = all.get(index);
    int kind = (int) (turns * 37 % 100);
    if (kind < OPENING) {
      open(bot.id); // from the fourth on the oldest is closed, and opened again
    } else if (bot.isOpen()) {
      byte[] frame = shakes.get((int) (turns / all.size() % KEYS));
      if (kind < OPENING + GARBAGE) {
        frame = garbage;
      } else if (kind < OPENING + GARBAGE + LARGE) {
        frame = large;
      }
      if (bot.send(frame)) {
        sent++;
      }
    }
  }

  @Override
  public void text(RawSockets.Socket socket, String text) {}

  /** At once again, whatever was said. */
  @Override
  public void ended(RawSockets.Socket socket, String why, long retryAfterMs) {
    if (all.get(socket.id) == socket) {
      all.set(socket.id, open(socket.id));
    }
  }

  @Override
  public void close() {
    sockets.close();
  }
}
