package stampede.standalone.check;

import java.net.http.WebSocketHandshakeException;
import java.util.concurrent.CompletionException;

/** What became of a WebSocket's opening, as text that keeps the status. */
final class Handshake {
  private static final String STATUS = "the handshake was answered with status ";

  private Handshake() {}

  static Exception named(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof WebSocketHandshakeException refused
        ? new CheckFailed(STATUS + refused.getResponse().statusCode())
        : new CheckFailed("no WebSocket: " + cause);
  }

  /** 0 where there was no answer. */
  static int statusOf(CheckFailed failure) {
    String text = String.valueOf(failure.getMessage());
    return text.startsWith(STATUS) ? Integer.parseInt(text.substring(STATUS.length())) : 0;
  }
}
