package stampede.journal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands before a Redis: every request gets there, what becomes of the replies can be chosen. */
final class ReplyProxy implements AutoCloseable {
  enum Replies {
    FORWARDED,
    /** Swallowed; the connection stays open. */
    DROPPED,
    /** The connection is closed instead. */
    CLOSING,
    LOADING
  }

  private static final byte[] LOADING =
      "-LOADING Redis is loading the dataset in memory\r\n".getBytes(StandardCharsets.US_ASCII);

  private final ServerSocket listener;
  private final int target;
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private final AtomicInteger connections = new AtomicInteger();
  volatile Replies replies = Replies.FORWARDED;

  ReplyProxy(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  String url() {
    return "redis://127.0.0.1:" + listener.getLocalPort();
  }

  /** Connections made so far. */
  int connections() {
    return connections.get();
  }

  /** Connections the other side has not closed yet. */
  long open() {
    return sockets.stream().filter(socket -> !socket.isClosed()).count();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        sockets.add(client);
        connections.incrementAndGet();
        start(() -> forward(client, server));
        start(() -> answer(server, client));
      }
    } catch (IOException e) {
      // the proxy was closed
    }
  }

  private void forward(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // one of the two sides has closed
    }
  }

  private void answer(Socket from, Socket to) {
    byte[] buffer = new byte[1 << 16];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        switch (replies) {
          case FORWARDED -> out.write(buffer, 0, n);
          case LOADING -> out.write(LOADING);
          case CLOSING -> to.close();
          case DROPPED -> {}
        }
      }
    } catch (IOException e) {
      // one of the two sides has closed
    }
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "reply-proxy");
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler(
        (t, e) -> {
          throw new UncheckedIOException(new IOException("the proxy failed", e));
        });
    thread.start();
  }
}
