package stampede.bench;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import stampede.standalone.Tokens;

/**
 * The same clients for the shop and for the echo: a socket each, all on one event loop of their
 * own. Every frame is a shake with a new key; every text frame that comes back answers the oldest
 * one of its socket.
 */
final class BenchCrowd implements AutoCloseable {
  private static final int DIALS_AT_ONCE = 50;
  private static final long CONNECT_SECONDS_MAX = 60;
  private static final long LAST_ANSWERS_SECONDS_MAX = 15;
  private static final long DUE_CHECK_MS = 1;
  private static final String NEWS = "{\"type\":\"order\"";
  private static final int OPEN_END_MS = 600_000;

  /**
   * @param answered a second, in the measured part
   * @param answers in all
   * @param others answers that are not as wanted
   * @param latencyMicros from when a frame was due
   * @param seconds the same by the second it was due in, warm-up and all
   */
  record Round(
      double answered,
      long answers,
      long others,
      Histogram latencyMicros,
      List<Histogram> seconds) {
    /** This round, whose latencies are in a file of that name from now on. */
    Round keptAs(String name) {
      LatencyLog.keep(name, seconds);
      return this;
    }

    /** This round, if all of its answers are as wanted. */
    Round checked() {
      return checked(0);
    }

    /** This round, if all of its answers but so many are as wanted. */
    Round checked(long othersMax) {
      if (others > othersMax) {
        throw new IllegalStateException(others + " answers were not as wanted");
      }
      return this;
    }
  }

  private final Vertx vertx =
      Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
  private final Context context = vertx.getOrCreateContext();
  private final WebSocketClient client;
  private final List<Client> clients = new ArrayList<>();
  private @Nullable Play play;

  BenchCrowd(int port, int connections) {
    WebSocketClientOptions options =
        new WebSocketClientOptions()
            .setMaxConnections(connections)
            .setTryUsePerMessageCompression(false);
    client = vertx.createWebSocketClient(options);
    Promise<Void> all = Promise.promise();
    context.runOnContext(
        start -> {
          for (int i = 0; i < Math.min(DIALS_AT_ONCE, connections); i++) {
            dial(port, i, connections, all);
          }
        });
    await(all.future(), CONNECT_SECONDS_MAX);
  }

  private void dial(int port, int index, int connections, Promise<Void> all) {
    String token =
        new Tokens(BenchShop.SECRET).shopper("bench-" + index, Instant.now().plusSeconds(3_600));
    WebSocketConnectOptions options =
        new WebSocketConnectOptions()
            .setHost("127.0.0.1")
            .setPort(port)
            .setURI("/shake")
            .addSubProtocol("shake.v1")
            .addHeader("authorization", "Bearer " + token);
    client
        .connect(options)
        .onFailure(all::tryFail)
        .onSuccess(
            socket -> {
              clients.add(new Client(socket));
              if (index + DIALS_AT_ONCE < connections) {
                dial(port, index + DIALS_AT_ONCE, connections, all);
              } else if (clients.size() == connections) {
                all.tryComplete();
              }
            });
  }

  /**
   * Everybody has one frame out at any time.
   *
   * @param wanted part of every good answer
   */
  Round closedLoop(String item, String wanted, int warmMs, int measuredMs) {
    return closedLoop(item, wanted, warmMs, measuredMs, 1);
  }

  /** Everybody has so many frames out at any time. */
  Round closedLoop(String item, String wanted, int warmMs, int measuredMs, int outstanding) {
    return run(new Play(item, wanted, warmMs, measuredMs, 0, outstanding));
  }

  /** So many frames a second, whatever comes back. */
  Round openLoop(String item, String wanted, int warmMs, int measuredMs, double aSecond) {
    return run(new Play(item, wanted, warmMs, measuredMs, aSecond, 0));
  }

  /** The same until {@link #end}, at most {@value #OPEN_END_MS} ms. */
  Round openLoopUntilEnded(String item, String wanted, int warmMs, double aSecond) {
    return run(new Play(item, wanted, warmMs, OPEN_END_MS, aSecond, 0));
  }

  private static Histogram latencies() {
    return new Histogram(TimeUnit.MINUTES.toMicros(1), 3);
  }

  /** Nobody shakes any more in the round that goes on. */
  void end() {
    context.runOnContext(
        now -> {
          if (play != null) {
            play.stop();
          }
        });
  }

  /** Answers so far in the round that goes on. */
  long answered() {
    Promise<Long> answers = Promise.promise();
    context.runOnContext(now -> answers.complete(play == null ? 0 : play.answers));
    return await(answers.future(), LAST_ANSWERS_SECONDS_MAX);
  }

  private Round run(Play next) {
    context.runOnContext(
        start -> {
          play = next;
          next.start();
        });
    long seconds = next.lengthMs / 1_000 + LAST_ANSWERS_SECONDS_MAX + 5;
    return await(next.done.future(), seconds);
  }

  private static <T> T await(Future<T> future, long seconds) {
    return future
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(seconds, TimeUnit.SECONDS)
        .join();
  }

  @Override
  public void close() {
    await(vertx.close(), 30);
  }

  /** One round. */
  private final class Play {
    private final String item;
    private final String wanted;
    private final int warmMs;
    private int lengthMs;
    private final double aSecond;
    private final int outstanding;
    private final Promise<Round> done = Promise.promise();
    private final Histogram latencyMicros = latencies();
    private final List<Histogram> seconds = new ArrayList<>();
    private final long begin = System.nanoTime();
    private final String frameHead;
    private final String frameTail;
    private long keys;
    private long sent;
    private long answers;
    private long measured;
    private long others;
    private boolean over;

    Play(String item, String wanted, int warmMs, int measuredMs, double aSecond, int outstanding) {
      this.outstanding = outstanding;
      this.item = item;
      this.wanted = wanted;
      this.warmMs = warmMs;
      this.lengthMs = warmMs + measuredMs;
      this.aSecond = aSecond;
      frameHead = "{\"type\":\"shake\",\"key\":\"k-" + Long.toString(begin & 0xFFFFFF, 36) + "-";
      frameTail = "\",\"item\":\"" + this.item + "\",\"quantity\":1}";
    }

    void start() {
      vertx.setTimer(lengthMs, end -> stop());
      if (aSecond == 0) {
        for (int i = 0; i < outstanding; i++) {
          clients.forEach(client -> client.send(System.nanoTime()));
        }
      } else {
        vertx.setPeriodic(DUE_CHECK_MS, this::sendDue);
      }
    }

    private void sendDue(long timer) {
      if (over) {
        vertx.cancelTimer(timer);
        return;
      }
      long now = System.nanoTime();
      for (long due = dueNanos(); due <= now; due = dueNanos()) {
        clients.get((int) (sent % clients.size())).send(due);
      }
    }

    private long dueNanos() {
      return begin + (long) (sent * 1e9 / aSecond);
    }

    private void stop() {
      if (over) {
        return;
      }
      over = true;
      lengthMs = (int) Math.min(lengthMs, (System.nanoTime() - begin) / 1_000_000);
      vertx.setTimer(
          TimeUnit.SECONDS.toMillis(LAST_ANSWERS_SECONDS_MAX),
          late ->
              done.tryFail(new IllegalStateException(sent - answers + " frames without answer")));
      endWhenAnswered();
    }

    private void endWhenAnswered() {
      if (over && answers == sent) {
        double rate = measured * 1e3 / (lengthMs - warmMs);
        done.tryComplete(new Round(rate, answers, others, latencyMicros, seconds));
      }
    }

    void answered(String text, long dueNanos, Client by) {
      long now = System.nanoTime();
      answers++;
      if (!text.contains(wanted)) {
        others++;
      }
      long micros = Math.min(latencyMicros.getHighestTrackableValue(), (now - dueNanos) / 1_000);
      int second = (int) Math.max(0, (dueNanos - begin) / 1_000_000_000);
      while (seconds.size() <= second) {
        seconds.add(latencies());
      }
      seconds.get(second).recordValue(micros);
      long atMs = (now - begin) / 1_000_000;
      if (atMs >= warmMs && atMs < lengthMs) {
        measured++;
        latencyMicros.recordValue(micros);
      }
      if (over) {
        endWhenAnswered();
      } else if (aSecond == 0) {
        by.send(now);
      }
    }
  }

  private final class Client {
    private final WebSocket socket;
    private final ArrayDeque<Long> due = new ArrayDeque<>();

    Client(WebSocket socket) {
      this.socket = socket;
      socket.textMessageHandler(this::hear);
    }

    void send(long dueNanos) {
      Play now = play;
      if (now == null) {
        throw new IllegalStateException("nothing to send");
      }
      now.sent++;
      due.addLast(dueNanos);
      socket
          .writeTextMessage(now.frameHead + now.keys++ + now.frameTail)
          .onFailure(now.done::tryFail);
    }

    /** The welcome answers nothing, and news of an order are about an earlier shake. */
    private void hear(String text) {
      if (text.startsWith(NEWS)) {
        return;
      }
      Long asked = due.pollFirst();
      if (asked != null && play != null) {
        play.answered(text, asked, this);
      }
    }
  }
}
