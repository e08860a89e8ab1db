package stampede.edge;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import org.jspecify.annotations.Nullable;
import stampede.edge.ConnectionWatch.Cut;

/**
 * What {@link ConnectionWatch} knows of one connection. Stands twice in its pipeline: first, where
 * bytes come in, and last, where messages do.
 */
@ChannelHandler.Sharable // with itself only
final class WatchedConnection extends ChannelDuplexHandler {
  private static final long NEVER = Long.MIN_VALUE;

  private final ConnectionWatch watch;
  private @Nullable ChannelHandlerContext bytes;
  private @Nullable ChannelHandlerContext messages;

  /** What came first of something that is not complete. */
  private long beganMs;

  private long heardMs;
  private long fullMs = NEVER;
  private long closingMs = NEVER;
  private boolean held;
  private boolean reading;
  private boolean unflushed;

  WatchedConnection(ConnectionWatch watch, long nowMs) {
    this.watch = watch;
    beganMs = nowMs; // the first head begins with the connection
    heardMs = nowMs;
  }

  /** Null = go on. */
  @Nullable Cut due(long nowMs) {
    if (closingMs != NEVER && nowMs - closingMs >= ConnectionWatch.CLOSING_MS_MAX) {
      return Cut.CLOSING;
    } else if (fullMs != NEVER && nowMs - fullMs >= ConnectionWatch.FULL_MS_MAX) {
      return Cut.FULL;
    } else if (beganMs != NEVER && nowMs - beganMs >= ConnectionWatch.COMPLETE_MS_MAX && reads()) {
      return Cut.INCOMPLETE;
    }
    return nowMs - heardMs >= ConnectionWatch.SILENT_MS_MAX ? Cut.SILENT : null;
  }

  /** The rest of what is incomplete may be waiting for us. */
  private boolean reads() {
    return bytes != null && bytes.channel().config().isAutoRead();
  }

  void cut() {
    if (bytes != null) {
      bytes.close();
    }
  }

  void flushNow() {
    unflushed = false;
    if (messages != null) {
      messages.flush();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (bytes == null) {
      bytes = ctx;
    } else {
      messages = ctx;
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    if (ctx == bytes) {
      reading = true;
      heardMs = watch.nowMs();
      if (beganMs == NEVER) {
        beganMs = heardMs;
      }
      if (fullMs != NEVER) {
        holdReading(ctx);
      }
    } else if (msg instanceof LastHttpContent || msg instanceof WebSocketFrame) {
      beganMs = NEVER;
    }
    ctx.fireChannelRead(msg);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.fireChannelReadComplete();
    if (ctx == bytes) {
      reading = false;
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    boolean full = !ctx.channel().isWritable();
    fullMs = full ? watch.nowMs() : NEVER;
    if (full) {
      holdReading(ctx);
    } else if (held) {
      held = false;
      ctx.channel().config().setAutoRead(true);
    }
    ctx.fireChannelWritabilityChanged();
  }

  /** Who does not read answers may ask nothing more. Vert.x may have stopped reading by itself. */
  private void holdReading(ChannelHandlerContext ctx) {
    if (ctx.channel().config().isAutoRead()) {
      held = true;
      ctx.channel().config().setAutoRead(false);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    watch.remove(this);
    ctx.fireChannelInactive();
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    if (msg instanceof CloseWebSocketFrame) {
      closingMs = watch.nowMs();
    }
    ctx.write(msg, promise);
  }

  /** Answers to what is being read are gathered by Vert.x; the others are here. */
  @Override
  public void flush(ChannelHandlerContext ctx) {
    if (ctx == bytes || reading || messages == null) {
      ctx.flush();
    } else if (!unflushed) {
      unflushed = true;
      watch.flushLater(this, ctx.channel());
    }
  }
}
