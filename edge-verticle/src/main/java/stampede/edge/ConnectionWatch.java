package stampede.edge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.ArrayList;
import java.util.List;
import stampede.protocol.port.Timers;

/**
 * Every connection of the public port, whatever is spoken on it. A time-out that any byte prolongs
 * is no bound against those who send one every few seconds; here the time runs from when something
 * began to when it is complete:
 *
 * <pre>
 *   accepted ──► head ─ body ┐                     head and body, each within {@value #COMPLETE_MS_MAX} ms
 *                            ├► frame ─ frame ─ …  each frame likewise
 *                            └► head ─ body ─ …    between them silent for {@value #SILENT_MS_MAX} ms at most
 * </pre>
 *
 * What waits to be written is bounded in bytes, and a connection that takes nothing for {@value
 * #FULL_MS_MAX} ms, or does not end {@value #CLOSING_MS_MAX} ms after it was told to, is cut. It
 * also gathers what one turn of the event loop writes to a socket into one write to the system. The
 * only place that knows what is inside Vert.x. On the edge's event loop.
 */
final class ConnectionWatch {
  static final long COMPLETE_MS_MAX = 10_000;

  /** Sockets are pinged, and closed in good order, before this. */
  static final long SILENT_MS_MAX = 75_000;

  /** Longer than a socket that is full is let live: this is for what can't be told any more. */
  static final long FULL_MS_MAX = 10_000;

  static final long CLOSING_MS_MAX = 8_000;

  /** Waiting to be written to one connection before it counts as full. */
  static final int OUTBOUND_BYTES_MAX = 32_768;

  /**
   * In the kernel: what one client sends as fast as it can is taken in pieces, between those of the
   * others. Left alone, a kernel keeps up to 32 MB.
   */
  private static final int RECEIVE_BYTES = 16_384;

  private static final WriteBufferWaterMark MARKS =
      new WriteBufferWaterMark(OUTBOUND_BYTES_MAX / 2, OUTBOUND_BYTES_MAX);

  /** Why a connection was cut. */
  enum Cut {
    INCOMPLETE,
    SILENT,
    FULL,
    CLOSING
  }

  private final Timers timers;
  private final Rounds<WatchedConnection> connections;
  private final List<WatchedConnection> unflushed = new ArrayList<>();
  private final long[] cuts = new long[Cut.values().length];
  private long nowMs;

  ConnectionWatch(Timers timers) {
    this.timers = timers;
    connections = new Rounds<>(timers, this::look);
    nowMs = timers.millis();
  }

  void start() {
    connections.start();
  }

  void stop() {
    connections.stop();
  }

  /** Called for each connection when it has been accepted. */
  void add(HttpConnection accepted) {
    ConnectionBase connection = (ConnectionBase) accepted;
    Channel channel = connection.channel();
    channel.config().setWriteBufferWaterMark(MARKS);
    channel.config().setOption(ChannelOption.SO_RCVBUF, RECEIVE_BYTES);
    nowMs = timers.millis();
    WatchedConnection watched = new WatchedConnection(this, nowMs);
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addFirst("watched bytes", watched);
    pipeline.addBefore(connection.channelHandlerContext().name(), "watched messages", watched);
    connections.add(watched);
  }

  void remove(WatchedConnection connection) {
    connections.remove(connection);
  }

  /** Open now. */
  int size() {
    return connections.size();
  }

  long cuts(Cut why) {
    return cuts[why.ordinal()];
  }

  /** Monotonic, at most about a second old: good enough for waits of many, and free. */
  long nowMs() {
    return nowMs;
  }

  /** What it has written goes out when this turn of the event loop has done its work. */
  void flushLater(WatchedConnection connection, Channel channel) {
    if (unflushed.isEmpty()) {
      channel.eventLoop().execute(this::flushAll);
    }
    unflushed.add(connection);
  }

  /** By index: a flush that fails may close others, and they write again. */
  private void flushAll() {
    for (int i = 0; i < unflushed.size(); i++) {
      unflushed.get(i).flushNow();
    }
    unflushed.clear();
  }

  private void look(WatchedConnection connection) {
    nowMs = timers.millis();
    Cut why = connection.due(nowMs);
    if (why != null) {
      cuts[why.ordinal()]++;
      connection.cut();
    }
  }
}
