package stampede.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Very many WebSocket clients on one thread, as cheap as they can be: bare NIO, frames made
 * beforehand. Pings are answered. Everything but {@link #execute} and {@link #close} is called, and
 * calls back, on that thread.
 */
public final class RawSockets implements AutoCloseable {
  private static final int TEXT = 1;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;
  private static final Pattern RETRY = Pattern.compile("\"retryAfterMs\":(\\d+)");

  /** What comes of one socket. */
  public interface Listener {
    default void opened(Socket socket) {}

    void text(Socket socket, String text);

    /**
     * @param retryAfterMs as the refusal said; 0 = nothing was said
     */
    void ended(Socket socket, String why, long retryAfterMs);
  }

  private final Selector selector;
  private final Thread thread;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(65_536);
  private final Runnable tick;
  private volatile boolean closed;
  private boolean begun;

  /**
   * @param tick runs about every millisecond, from the first {@link #execute} on
   */
  public RawSockets(String name, Runnable tick) {
    this.tick = tick;
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
    thread.start();
  }

  public void execute(Runnable task) {
    tasks.add(task);
    selector.wakeup();
  }

  /**
   * @param id the caller's name for it
   * @param from one of 127.0.0.x: each has its own ports
   */
  public Socket open(int id, String from, int port, String token, Listener listener) {
    return new Socket(id, from, port, token, listener);
  }

  /** A masked frame, ready to be sent. */
  static byte[] frame(int opcode, byte[] content) {
    ByteBuffer frame = ByteBuffer.allocate(content.length + 8).put((byte) (0x80 | opcode));
    if (content.length < 126) {
      frame.put((byte) (0x80 | content.length));
    } else {
      frame.put((byte) (0x80 | 126)).putShort((short) content.length);
    }
    frame.putInt(0).put(content); // a mask of zeros changes nothing
    byte[] bytes = new byte[frame.position()];
    frame.flip().get(bytes);
    return bytes;
  }

  public static byte[] text(String text) {
    return frame(TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  private void run() {
    try {
      while (!closed) {
        selector.select(key -> ((Socket) key.attachment()).ready(key), 1);
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
          task.run();
          begun = true;
        }
        if (begun) {
          tick.run();
        }
      }
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
      selector.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    closed = true;
    selector.wakeup();
    try {
      thread.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One client. */
  public final class Socket {
    public final int id;
    private final Listener listener;
    private final SocketChannel channel;
    private final SelectionKey key;
    private final ArrayDeque<ByteBuffer> unsent = new ArrayDeque<>(1);
    private byte @Nullable [] upgrade;

    /** A frame, or an answer to the handshake, that has come in part. */
    private byte[] rest = {};

    private boolean open;
    private boolean over;

    private Socket(int id, String from, int port, String token, Listener listener) {
      this.id = id;
      this.listener = listener;
      upgrade = upgrade(token);
      try {
        channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        channel.configureBlocking(false);
        channel.bind(new InetSocketAddress(from, 0));
        channel.connect(new InetSocketAddress("127.0.0.1", port));
        key = channel.register(selector, SelectionKey.OP_CONNECT, this);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    private static byte[] upgrade(String token) {
      return ("GET /shake HTTP/1.1\r\n"
              + "host: 127.0.0.1\r\n"
              + "upgrade: websocket\r\n"
              + "connection: Upgrade\r\n"
              + "sec-websocket-version: 13\r\n"
              + "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
              + "sec-websocket-protocol: shake.v1\r\n"
              + "authorization: Bearer "
              + token
              + "\r\n\r\n")
          .getBytes(StandardCharsets.US_ASCII);
    }

    /** The handshake is done. */
    boolean isOpen() {
      return open && !over;
    }

    /** False: there is more unsent than the system takes, and this was not taken either. */
    public boolean send(byte[] frame) {
      if (over || !unsent.isEmpty()) {
        return false;
      }
      unsent.addLast(ByteBuffer.wrap(frame));
      flush();
      return true;
    }

    /** Without a word. */
    public void drop() {
      over = true;
      key.cancel();
      try {
        channel.close();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    private void ready(SelectionKey ready) {
      try {
        if (ready.isValid() && ready.isConnectable()) {
          channel.finishConnect();
          key.interestOps(SelectionKey.OP_READ);
          if (upgrade != null) {
            send(upgrade);
            upgrade = null;
          }
        }
        if (ready.isValid() && ready.isWritable()) {
          flush();
        }
        if (ready.isValid() && ready.isReadable()) {
          read();
        }
      } catch (IOException e) {
        end(String.valueOf(e.getMessage()), 0);
      }
    }

    private void flush() {
      try {
        while (!unsent.isEmpty() && channel.write(unsent.getFirst()) >= 0) {
          if (unsent.getFirst().hasRemaining()) {
            key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
            return;
          }
          unsent.removeFirst();
        }
        key.interestOps(SelectionKey.OP_READ);
      } catch (IOException e) {
        end(String.valueOf(e.getMessage()), 0);
      }
    }

    private void read() throws IOException {
      buffer.clear().put(rest);
      rest = new byte[0];
      if (channel.read(buffer) < 0) {
        end("end", 0);
        return;
      }
      buffer.flip();
      if (!open) {
        handshake();
      }
      while (open && !over && takeFrame()) {}
      if (!over && buffer.hasRemaining()) {
        rest = new byte[buffer.remaining()];
        buffer.get(rest);
      }
    }

    /** The head of the answer; what follows it are frames. */
    private void handshake() {
      String answer = StandardCharsets.ISO_8859_1.decode(buffer.duplicate()).toString();
      int head = answer.indexOf("\r\n\r\n");
      if (head < 0) {
        return;
      }
      if (answer.startsWith("HTTP/1.1 101")) {
        buffer.position(buffer.position() + head + 4);
        open = true;
        listener.opened(this);
      } else {
        Matcher retry = RETRY.matcher(answer);
        long retryAfterMs = retry.find() ? Long.parseLong(retry.group(1)) : 0;
        end(answer.substring(0, answer.indexOf('\r')), retryAfterMs);
      }
    }

    private boolean takeFrame() {
      if (buffer.remaining() < 2) {
        return false;
      }
      int at = buffer.position();
      int opcode = buffer.get(at) & 0x0f;
      int length = buffer.get(at + 1) & 0x7f;
      int head = 2;
      if (length == 126) {
        head = 4;
        if (buffer.remaining() < head) {
          return false;
        }
        length = buffer.getShort(at + 2) & 0xffff;
      }
      if (buffer.remaining() < head + length) {
        return false;
      }
      byte[] content = new byte[length];
      buffer.position(at + head).get(content);
      take(opcode, content);
      return true;
    }

    private void take(int opcode, byte[] content) {
      if (opcode == TEXT) {
        listener.text(this, new String(content, StandardCharsets.UTF_8));
      } else if (opcode == PING) {
        send(frame(PONG, content));
      } else if (opcode == CLOSE) {
        int code = content.length < 2 ? 1005 : ByteBuffer.wrap(content).getShort() & 0xffff;
        end("closed with " + code, 0);
      }
    }

    private void end(String why, long retryAfterMs) {
      if (!over) {
        drop();
        listener.ended(this, why, retryAfterMs);
      }
    }
  }
}
