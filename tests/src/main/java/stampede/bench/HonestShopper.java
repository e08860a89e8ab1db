package stampede.bench;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Shakes when told to, waits as it is told to, keeps the key until an owner has spoken, and comes
 * back when it loses its socket. On the thread of its sockets.
 */
final class HonestShopper implements RawSockets.Listener {
  private static final Pattern KEY = Pattern.compile("\"key\":\"([^\"]+)\"");
  private static final Pattern OUTCOME = Pattern.compile("\"outcome\":\"([^\"]+)\"");
  private static final Pattern RETRY = Pattern.compile("\"retryAfterMs\":(\\d+)");
  private static final long BACK_MS = 500;

  private static final class Open {
    final HonestPlay play;
    final String key;
    final long dueNanos;

    /** 0 = an answer is waited for. */
    long sendNanos;

    Open(HonestPlay play, String key, long dueNanos) {
      this.play = play;
      this.key = key;
      this.dueNanos = dueNanos;
      sendNanos = dueNanos;
    }
  }

  private final RawSockets sockets;
  private final int id;
  private final int port;
  private final String token;
  private final Map<String, Open> open = new HashMap<>();
  private RawSockets.Socket socket;
  private long backNanos;
  private volatile boolean in;

  HonestShopper(RawSockets sockets, int id, int port, String token) {
    this.sockets = sockets;
    this.id = id;
    this.port = port;
    this.token = token;
    socket = sockets.open(id, "127.0.0.1", port, token, this);
  }

  boolean isIn() {
    return in;
  }

  void begin(HonestPlay play, long dueNanos) {
    String key = play.nextKey();
    open.put(key, new Open(play, key, dueNanos));
  }

  /** About every millisecond. */
  void tick(long now) {
    if (backNanos > 0 && backNanos <= now) {
      backNanos = 0;
      socket = sockets.open(id, "127.0.0.1", port, token, this);
    }
    if (open.isEmpty() || !socket.isOpen()) {
      return;
    }
    for (Open each : open.values()) {
      if (each.sendNanos > 0 && each.sendNanos <= now && socket.send(frame(each))) {
        each.sendNanos = 0;
      }
    }
  }

  private static byte[] frame(Open shake) {
    String head = "{\"type\":\"shake\",\"key\":\"" + shake.key + "\",\"item\":\"";
    return RawSockets.text(head + shake.play.item + "\",\"quantity\":1}");
  }

  @Override
  public void opened(RawSockets.Socket by) {
    in = true;
  }

  @Override
  public void text(RawSockets.Socket by, String text) {
    Matcher key = KEY.matcher(text);
    Matcher outcome = OUTCOME.matcher(text);
    Open shake = key.find() && outcome.find() ? open.get(key.group(1)) : null;
    if (shake == null) {
      return;
    }
    Matcher retry = RETRY.matcher(text);
    switch (outcome.group(1)) {
      case "accepted" -> end(shake, true);
      case "pending" -> {} // it follows
      case "throttled", "missed", "busy" -> {
        long ms = retry.find() ? Long.parseLong(retry.group(1)) : BACK_MS;
        shake.sendNanos = System.nanoTime() + ms * 1_000_000;
      }
      default -> end(shake, false);
    }
  }

  private void end(Open shake, boolean accepted) {
    open.remove(shake.key);
    shake.play.end(accepted, shake.dueNanos);
  }

  @Override
  public void ended(RawSockets.Socket by, String why, long retryAfterMs) {
    long now = System.nanoTime();
    backNanos = now + Math.max(retryAfterMs, BACK_MS) * 1_000_000;
    for (Iterator<Open> each = open.values().iterator(); each.hasNext(); ) {
      each.next().sendNanos = now; // the same key again is no second order
    }
  }
}
