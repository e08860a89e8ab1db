package stampede.edge;

import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.edge.admission.Visitor;
import stampede.protocol.Bytes;
import stampede.protocol.InvalidField;
import stampede.protocol.port.Timers;

/**
 * One shopper's socket: frames in, outcomes out. While the client does not read, nothing more is
 * read from it either, and of each item it is owed the latest only; outcomes and news of orders are
 * never left out: after {@value #FULL_MS_MAX} ms of that, or when more than {@value
 * #UNREAD_CHARS_MAX} characters wait, it is closed. A node has very many of these: what an idle one
 * does not need is not there. On the edge's event loop.
 */
final class ShakeSocket implements ShakeDesk.Answer, ItemBoard.Watcher {
  static final int FRAME_BYTES_MAX = 4_096;
  static final int BAD_FRAMES_MAX = 3;
  static final long PING_EVERY_MS = 20_000;
  static final long SILENT_MS_MAX = 60_000;
  static final long FULL_MS_MAX = 5_000;

  /** Beside what {@link ConnectionWatch#OUTBOUND_BYTES_MAX} lets wait further down. */
  static final int UNREAD_CHARS_MAX = 65_536;

  static final short POLICY = 1008;
  static final short TOO_LARGE = 1009;
  static final short RESTART = 1012;
  static final short OVERLOADED = 1013;
  static final short REPLACED = 4001;
  private static final short GOING_AWAY = 1001;

  private static final Logger LOG = LoggerFactory.getLogger(ShakeSocket.class);

  private final ServerWebSocket socket;
  private final Shoppers.Shopper shopper;
  private final Visitor visitor;
  private final ShakeDesk desk;
  private final boolean counts;
  private final ItemBoard board;
  private final Timers timers;
  private final LongSupplier epochMs;
  private final StringBuilder scratch;
  private final Consumer<ShakeSocket> onClosed;

  private List<Long> watched = List.of();

  /** Watched items that changed while the client did not read; null = none. */
  private @Nullable Set<Long> owed;

  private @Nullable Buffer fragments;
  private boolean skipping;
  private int badFrames;
  private long heardMs;
  private long pingedMs;
  private long fullSinceMs = -1;
  private int unreadChars;
  private boolean closed;

  /**
   * @param counts whether its answers are of somebody's attempt
   * @param scratch shared by all sockets of the event loop
   */
  ShakeSocket(
      ServerWebSocket socket,
      Shoppers.Shopper shopper,
      Visitor visitor,
      ShakeDesk desk,
      boolean counts,
      ItemBoard board,
      Timers timers,
      LongSupplier epochMs,
      StringBuilder scratch,
      Consumer<ShakeSocket> onClosed) {
    this.socket = socket;
    this.shopper = shopper;
    this.visitor = visitor;
    this.desk = desk;
    this.counts = counts;
    this.board = board;
    this.timers = timers;
    this.epochMs = epochMs;
    this.scratch = scratch;
    this.onClosed = onClosed;
    heardMs = timers.millis();
    pingedMs = heardMs;
  }

  void open(String welcome) {
    socket.frameHandler(this::hear);
    socket.closeHandler(over -> gone());
    socket.exceptionHandler(this::broken);
    send(welcome);
  }

  Bytes user() {
    return shopper.user();
  }

  @Override
  public boolean counts() {
    return counts;
  }

  void send(String frame) {
    if (closed || socket.isClosed()) {
      return; // a peer that vanished is closed before its close handler has run
    }
    if (fullSinceMs >= 0) {
      unreadChars += frame.length();
      if (unreadChars > UNREAD_CHARS_MAX) {
        close(OVERLOADED, "too_slow");
        return;
      }
    }
    socket.writeTextMessage(frame).onFailure(ShakeSocket::undelivered);
    pauseIfFull();
  }

  private void pauseIfFull() {
    if (fullSinceMs < 0 && !socket.isClosed() && socket.writeQueueFull()) {
      fullSinceMs = timers.millis();
      socket.pause();
      socket.drainHandler(drained -> drained());
    }
  }

  @Override
  public void told(long item, Bytes key, Verdict verdict) {
    if (!closed) {
      send(Frames.outcome(item, key, verdict, scratch));
    }
  }

  @Override
  public void queued(long item, Bytes key, int ahead, long etaMs) {
    if (fullSinceMs < 0) {
      send(Frames.queued(item, key, ahead, etaMs));
    }
  }

  @Override
  public void show(long item, String frame) {
    if (fullSinceMs < 0) {
      send(frame);
    } else if (watched.contains(item)) {
      if (owed == null) {
        owed = new LinkedHashSet<>();
      }
      owed.add(item);
    }
  }

  /** Called about once a second. */
  void check() {
    long nowMs = timers.millis();
    if (shopper.expiresAtMs() <= epochMs.getAsLong()) {
      close(POLICY, "token_expired");
    } else if (fullSinceMs >= 0 && nowMs - fullSinceMs > FULL_MS_MAX) {
      close(OVERLOADED, "too_slow");
    } else if (nowMs - heardMs >= SILENT_MS_MAX) {
      close(GOING_AWAY, "silent");
    } else if (nowMs - pingedMs >= PING_EVERY_MS) {
      pingedMs = nowMs;
      socket.writePing(Buffer.buffer("stampede")).onFailure(ShakeSocket::undelivered);
    }
  }

  /** Nothing is sent after this; harmless when it is closed already. */
  void close(short code, String reason) {
    if (!closed) {
      gone();
      socket.close(code, reason).onFailure(ShakeSocket::undelivered);
    }
  }

  private void gone() {
    if (!closed) {
      closed = true;
      board.forget(this, watched);
      onClosed.accept(this);
    }
  }

  private void drained() {
    fullSinceMs = -1;
    unreadChars = 0;
    socket.resume();
    Set<Long> items = owed == null ? Set.of() : owed;
    owed = null;
    for (Long item : items) {
      String frame = board.latest(item);
      if (frame != null) {
        show(item, frame);
      }
    }
  }

  private void hear(WebSocketFrame frame) {
    heardMs = timers.millis();
    if (closed) {
      return;
    }
    if (frame.isText() && frame.isFinal()) {
      understand(frame.textData());
    } else if (frame.isText()) {
      fragments = Buffer.buffer().appendBuffer(frame.binaryData());
    } else if (frame.isBinary()) {
      skipping = !frame.isFinal();
      bad("frame must be text");
    } else if (frame.isContinuation() && skipping) {
      skipping = !frame.isFinal();
    } else if (frame.isContinuation() && fragments != null) {
      gather(fragments, frame);
    } else if (frame.isPing()) {
      pauseIfFull(); // Vert.x has written a pong
    }
  }

  /** The bound is on the message: it can't be passed by cutting it into pieces. */
  private void gather(Buffer message, WebSocketFrame frame) {
    message.appendBuffer(frame.binaryData());
    if (message.length() > FRAME_BYTES_MAX) {
      fragments = null;
      close(TOO_LARGE, "frame_too_large");
    } else if (frame.isFinal()) {
      fragments = null;
      understand(message.toString(StandardCharsets.UTF_8));
    }
  }

  private void understand(String text) {
    ClientFrame frame;
    try {
      frame = Frames.parse(text);
    } catch (InvalidField e) {
      bad(e.getMessage());
      return;
    }
    act(frame);
  }

  private void act(ClientFrame frame) {
    if (frame instanceof ClientFrame.Shake shake) {
      desk.shake(visitor, shake.item(), shake.key(), shake.quantity(), this);
    } else if (frame instanceof ClientFrame.BadShake shake) {
      told(shake.item(), shake.key(), Verdict.invalid("invalid_quantity", shake.detail()));
    } else if (frame instanceof ClientFrame.Result result) {
      desk.result(user(), result.item(), result.key(), this);
    } else if (frame instanceof ClientFrame.Watch watch) {
      watch(watch.items());
    } else if (frame instanceof ClientFrame.Ping) {
      send(Frames.pong(epochMs.getAsLong()));
    } else {
      throw new AssertionError(frame);
    }
  }

  private void watch(List<Long> items) {
    board.forget(this, watched);
    owed = null;
    watched = items;
    board.watch(this, items);
  }

  private void bad(String detail) {
    send(Frames.error("bad_frame", detail));
    badFrames++;
    if (badFrames >= BAD_FRAMES_MAX) {
      close(POLICY, "bad_frame");
    }
  }

  /** The decoder refuses a frame by its head, before the rest of it is read. */
  private void broken(Throwable failure) {
    LOG.debug("socket of {}: {}", shopper.user(), failure.toString());
    if (failure instanceof CorruptedWebSocketFrameException corrupted) {
      close((short) corrupted.closeStatus().code(), "broken_frame");
    }
  }

  /** Of nobody by name: a handler for each frame would be garbage of each shake. */
  private static void undelivered(Throwable failure) {
    LOG.debug("not delivered: {}", failure.toString());
  }
}
