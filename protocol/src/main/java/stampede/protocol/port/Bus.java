package stampede.protocol.port;

import java.util.function.Consumer;

/**
 * Messages between nodes: best effort, at most once, no order between addresses. A reply that does
 * not come means nothing about whether the request was carried out.
 */
public interface Bus {
  /** Fails with {@link Unanswered} after {@code timeoutMs}, or earlier when nobody listens. */
  void request(String address, byte[] message, long timeoutMs, Completion<byte[]> reply);

  /** To every subscriber there is now; nobody learns whether it arrived. */
  void publish(String address, byte[] message);

  /** Answers requests sent to {@code address}, on this event loop. */
  Registration serve(String address, Handler handler);

  /** Hears what is published to {@code address}, on this event loop. */
  Registration subscribe(String address, Consumer<byte[]> handler);

  /**
   * Answers one request by calling {@code reply} once; a failure reaches the sender as {@link
   * Unanswered}.
   */
  @FunctionalInterface
  interface Handler {
    void handle(byte[] message, Completion<byte[]> reply);
  }

  /** A handler that was registered. */
  interface Registration {
    void cancel();
  }

  /**
   * No reply came in time, or nobody was there to give one. The request may still be carried out,
   * now or later.
   */
  final class Unanswered extends Exception {
    public Unanswered(String message) {
      super(message, null, false, false);
    }
  }
}
