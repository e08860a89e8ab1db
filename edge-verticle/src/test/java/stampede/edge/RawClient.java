package stampede.edge;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** A connection that sends any bytes at any pace and reads only when told to. Never blocks. */
final class RawClient implements AutoCloseable {
  private static final int TEXT = 0x81;
  private static final int PING = 0x89;
  private static final int MASKED = 0x80;

  /** For all of a thread: thousands of clients don't need one each. */
  private static final ThreadLocal<ByteBuffer> READ =
      ThreadLocal.withInitial(() -> ByteBuffer.allocate(65_536));

  private final SocketChannel channel;
  private final StringBuilder heard = new StringBuilder(0);
  private boolean ended;

  RawClient(int port) throws IOException {
    this(port, 0);
  }

  /**
   * @param receiveBytes of the kernel for what is not read; 0 = as many as it likes
   */
  RawClient(int port, int receiveBytes) throws IOException {
    channel = SocketChannel.open();
    if (receiveBytes > 0) {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBytes);
    }
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.connect(new InetSocketAddress("127.0.0.1", port));
    channel.configureBlocking(false);
  }

  static byte[] upgrade(String token) {
    return ("GET /shake HTTP/1.1\r\n"
            + "host: 127.0.0.1\r\n"
            + "upgrade: websocket\r\n"
            + "connection: Upgrade\r\n"
            + "sec-websocket-version: 13\r\n"
            + "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + "authorization: Bearer "
            + token
            + "\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  static byte[] text(String text) {
    return frame(TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] ping(int bytes) {
    return frame(PING, new byte[bytes]);
  }

  /** Any frame; {@code head} is its first byte. */
  static byte[] frame(int head, byte[] content) {
    ByteBuffer frame = ByteBuffer.allocate(content.length + 8).put((byte) head);
    if (content.length < 126) {
      frame.put((byte) (MASKED | content.length));
    } else {
      frame.put((byte) (MASKED | 126)).putShort((short) content.length);
    }
    frame.putInt(0).put(content); // a mask of zeros changes nothing
    byte[] bytes = new byte[frame.position()];
    frame.flip().get(bytes);
    return bytes;
  }

  /** As many of them as the kernel takes now; a connection that has ended takes none. */
  int send(byte[] bytes, int from, int to) {
    if (ended) {
      return 0;
    }
    try {
      return channel.write(ByteBuffer.wrap(bytes, from, to - from));
    } catch (IOException e) {
      ended = true;
      return 0;
    }
  }

  /** All of them, however long the kernel takes. */
  void sendAll(byte[] bytes) throws InterruptedException {
    for (int at = 0; at < bytes.length && !ended; ) {
      int sent = send(bytes, at, bytes.length);
      at += sent;
      if (sent == 0) {
        Thread.sleep(1);
      }
    }
  }

  /** What has come since the last time. */
  String receive() {
    ByteBuffer read = READ.get().clear();
    try {
      if (!ended && channel.read(read) < 0) {
        ended = true;
      }
    } catch (IOException e) {
      ended = true;
    }
    read.flip();
    return StandardCharsets.ISO_8859_1.decode(read).toString();
  }

  /** All that has come, as far as it was taken by this. */
  String heard() {
    return heard.append(receive()).toString();
  }

  /** Waits for text that comes, such as that of a frame. */
  void await(String wanted) throws InterruptedException {
    StringBuilder all = new StringBuilder();
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (all.indexOf(wanted) < 0) {
      all.append(receive());
      if (ended || System.nanoTime() > deadline) {
        throw new AssertionError("no " + wanted + " in " + all + (ended ? " and the end" : ""));
      }
      Thread.sleep(1);
    }
  }

  /** All that comes until the other side ends it. */
  String receiveAll() throws InterruptedException {
    StringBuilder all = new StringBuilder();
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (!ended) {
      all.append(receive());
      if (System.nanoTime() > deadline) {
        throw new AssertionError("no end after " + all);
      }
      Thread.sleep(1);
    }
    return all.toString();
  }

  /** The other side has ended it, as far as sending and reading has shown. */
  boolean ended() {
    return ended;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
