package stampede.bench;

import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Readers of one page: a kept connection each, one request out at a time, all on one event loop of
 * their own. Knows just enough HTTP to see where an answer ends, so that most of the work is the
 * server's.
 */
final class PageCrowd implements AutoCloseable {
  private static final byte[] HEAD_END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final String OK = "HTTP/1.1 200";

  /** A whole answer. */
  record Answer(Map<String, String> headers, byte[] body) {}

  private final Vertx vertx =
      Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
  private final Context context = vertx.getOrCreateContext();

  /**
   * Kept: a client nobody holds any more is closed by the collector, and its connections with it.
   */
  private final NetClient client = vertx.createNetClient();

  private final Buffer request;
  private final List<Reader> readers = new ArrayList<>();
  private boolean asking;
  private long answers;
  private @Nullable Promise<Double> round;
  private @Nullable Promise<Answer> single;

  PageCrowd(int port, String path, int connections) {
    request =
        Buffer.buffer(
            "GET " + path + " HTTP/1.1\r\nhost: 127.0.0.1:" + port + "\r\naccept: */*\r\n\r\n");
    Promise<Void> all = Promise.promise();
    context.runOnContext(
        go -> {
          for (int n = 0; n < connections; n++) {
            client
                .connect(port, "127.0.0.1")
                .onFailure(all::tryFail)
                .onSuccess(
                    socket -> {
                      readers.add(new Reader(socket));
                      if (readers.size() == connections) {
                        all.tryComplete();
                      }
                    });
          }
        });
    PageBench.await(all.future());
  }

  /** Asks once. */
  Answer one() {
    Promise<Answer> answer = Promise.promise();
    context.runOnContext(
        go -> {
          single = answer;
          readers.get(0).ask();
        });
    return PageBench.await(answer.future());
  }

  /** Answers a second while everybody asks again as soon as answered. */
  double rate(int warmMs, int measuredMs) {
    Promise<Double> done = Promise.promise();
    context.runOnContext(
        go -> {
          round = done;
          asking = true;
          readers.forEach(Reader::ask);
          vertx.setTimer(warmMs, warm -> measure(measuredMs, done));
        });
    return PageBench.await(done.future());
  }

  private void measure(int measuredMs, Promise<Double> done) {
    long before = answers;
    long begin = System.nanoTime();
    vertx.setTimer(
        measuredMs,
        over -> {
          double rate = (answers - before) * 1e9 / (System.nanoTime() - begin);
          asking = false;
          vertx.setTimer(200, quiet -> done.tryComplete(rate)); // the last answers come in
        });
  }

  /** Nobody waits any more when this is closed itself. */
  private void fail(String why) {
    IllegalStateException failure = new IllegalStateException(why);
    if (round != null) {
      round.tryFail(failure);
    }
    if (single != null) {
      single.tryFail(failure);
    }
  }

  @Override
  public void close() {
    PageBench.await(vertx.close());
  }

  private final class Reader {
    private final NetSocket socket;
    private @Nullable Buffer part;

    Reader(NetSocket socket) {
      this.socket = socket;
      socket.handler(this::hear);
      socket.closeHandler(closed -> fail("the connection was closed"));
    }

    void ask() {
      socket.write(request).onFailure(gone -> fail(gone.toString()));
    }

    private void hear(Buffer bytes) {
      Buffer all = part == null ? bytes : part.appendBuffer(bytes);
      int head = headEnd(all);
      int length = head < 0 ? -1 : length(all, head);
      if (head < 0 || all.length() < head + length) {
        part = part == null ? Buffer.buffer().appendBuffer(all) : all;
        return;
      }
      part = null;
      answered(all, head, length);
    }

    private void answered(Buffer all, int head, int length) {
      if (all.length() != head + length || !all.getString(0, OK.length()).equals(OK)) {
        fail("not what was asked for: " + all.getString(0, head));
        return;
      }
      answers++;
      if (single != null) {
        byte[] body = all.getBytes(head, head + length);
        single.tryComplete(new Answer(PageBench.headers(all.getString(0, head)), body));
        single = null;
      }
      if (asking) {
        ask();
      }
    }

    /** Behind the empty line; −1 = not there yet. */
    private static int headEnd(Buffer bytes) {
      int matched = 0;
      for (int i = 0; i < bytes.length(); i++) {
        byte b = bytes.getByte(i);
        matched = b == HEAD_END[matched] ? matched + 1 : b == HEAD_END[0] ? 1 : 0;
        if (matched == HEAD_END.length) {
          return i + 1;
        }
      }
      return -1;
    }

    private static int length(Buffer bytes, int head) {
      String text = bytes.getString(0, head, "ISO-8859-1");
      int at = text.indexOf("content-length: ") + "content-length: ".length();
      return Integer.parseInt(text.substring(at, text.indexOf('\r', at)));
    }
  }
}
