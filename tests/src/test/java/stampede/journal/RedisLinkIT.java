package stampede.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import stampede.node.redis.RedisLink;
import stampede.node.redis.RedisScript;
import stampede.node.redis.RedisUrl;
import stampede.protocol.port.Completion;

class RedisLinkIT {
  private static final long TIMEOUT_MS = 700;
  private static RedisServer server;
  private static Loop loop;

  @BeforeAll
  static void startServer() throws IOException {
    server = RedisServer.start();
    loop = new Loop();
  }

  @AfterAll
  static void stopServer() throws IOException {
    loop.close();
    server.close();
  }

  private static RedisLink open(String url) {
    return loop.on(() -> new RedisLink(loop.vertx, RedisUrl.parse("url", url), TIMEOUT_MS, 8));
  }

  private static String echo(RedisLink link, String text) {
    Response reply = loop.result(done -> link.call(Request.cmd(Command.ECHO, text), done));
    return reply.toString();
  }

  private static Throwable echoFailure(RedisLink link) {
    return loop.failure(
        (Completion<Response> done) -> link.call(Request.cmd(Command.ECHO, "x"), done));
  }

  private static CompletableFuture<Response> start(RedisLink link, String text) {
    return loop.start(done -> link.call(Request.cmd(Command.ECHO, text), done));
  }

  private static void close(RedisLink link) {
    loop.on(
        () -> {
          link.close();
          return true;
        });
  }

  @Test
  void callsAreAnsweredInOrderEachWithItsOwnReply() throws Exception {
    RedisLink link = open(server.url());

    List<CompletableFuture<Response>> calls = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      calls.add(start(link, "text-" + i));
    }

    for (int i = 0; i < 8; i++) {
      assertThat(calls.get(i).get(5, TimeUnit.SECONDS)).hasToString("text-" + i);
    }
    close(link);
  }

  @Test
  void timeoutClosesTheConnectionAndFailsAllThatWereUnderWay() throws IOException {
    try (ReplyProxy proxy = new ReplyProxy(server.port())) {
      RedisLink link = open(proxy.url());
      echo(link, "connected");
      proxy.replies = ReplyProxy.Replies.DROPPED;

      CompletableFuture<Response> first = start(link, "first");
      CompletableFuture<Response> second = start(link, "second");

      assertThat(Loop.failureOf(first)).isInstanceOf(RedisLink.Unreachable.class);
      assertThat(Loop.failureOf(second)).isInstanceOf(RedisLink.Unreachable.class);
      Awaitility.await().atMost(5, TimeUnit.SECONDS).until(() -> proxy.open() == 0);
      proxy.replies = ReplyProxy.Replies.FORWARDED;
      assertThat(echo(link, "third")).isEqualTo("third");
      assertThat(proxy.connections()).isEqualTo(2);
      close(link);
      Awaitility.await().atMost(5, TimeUnit.SECONDS).until(() -> proxy.open() == 0);
    }
  }

  @Test
  void serverThatAcceptsAndSaysNothingIsUnreachableInTime() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      RedisLink link = open("redis://127.0.0.1:" + silent.getLocalPort());

      long start = System.nanoTime();
      Throwable failure = echoFailure(link);

      assertThat(failure).isInstanceOf(RedisLink.Unreachable.class);
      assertThat((System.nanoTime() - start) / 1_000_000)
          .isBetween(TIMEOUT_MS - 50, TIMEOUT_MS + 1_000);
      close(link);
    }
  }

  @Test
  void refusedConnectionIsTriedAgainWithGrowingPauses() throws IOException {
    int port = RedisServer.freePort();
    RedisLink link = open("redis://127.0.0.1:" + port);

    List<Long> atMs = new ArrayList<>(); // pauses go on while nobody asks
    long start = System.nanoTime();
    for (int i = 0; i < 4; i++) {
      assertThat(echoFailure(link)).isInstanceOf(RedisLink.Unreachable.class);
      atMs.add((System.nanoTime() - start) / 1_000_000);
    }

    assertThat(atMs.get(1)).isGreaterThanOrEqualTo(30);
    assertThat(atMs.get(3)).isBetween(200L, 4 * (TIMEOUT_MS + 1_000));
    close(link);
  }

  @Test
  void linkFindsAServerThatComesLater() throws Exception {
    RedisLink link = open(server.url());
    echo(link, "before");
    server.kill();
    for (int i = 0; i < 6; i++) {
      assertThat(echoFailure(link)).isInstanceOf(RedisLink.Unreachable.class);
    }

    server.startAgain();

    // Calls end before the pause does; the attempt is made all the same.
    Awaitility.await()
        .atMost(5, TimeUnit.SECONDS)
        .until(() -> start(link, "after").handle((reply, e) -> e == null).get());
    close(link);
  }

  @Test
  void oneCallTooManyFailsAtOnce() throws IOException {
    try (ReplyProxy proxy = new ReplyProxy(server.port())) {
      RedisLink link = open(proxy.url());
      echo(link, "connected");
      proxy.replies = ReplyProxy.Replies.DROPPED;
      List<CompletableFuture<Response>> held = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        held.add(start(link, "held"));
      }

      Throwable refused = echoFailure(link);

      assertThat(refused).hasMessageContaining("8 calls").hasMessageContaining("under way");
      held.forEach(call -> assertThat(Loop.failureOf(call)).isNotNull());
      close(link);
    }
  }

  @Test
  void scriptIsTaughtOnceAndRunByItsHash() throws IOException {
    server.command("SCRIPT", "FLUSH");
    RedisScript script = RedisScript.of("return ARGV[1] .. #ARGV[2]");
    RedisLink link = open(server.url());

    for (int i = 0; i < 2; i++) {
      Response reply =
          loop.result(
              done -> link.eval(script, List.of(), List.of("n=", new byte[] {0, 13, 10}), done));
      assertThat(reply).hasToString("n=3");
      assertThat(server.command("SCRIPT", "EXISTS", script.sha1())).isEqualTo("1");
    }
    close(link);
  }

  @Test
  void errorReplyKeepsItsCodeAndMessage() throws IOException {
    server.command("SET", "text", "x");
    RedisLink link = open(server.url());

    Throwable failure =
        loop.failure(
            (Completion<Response> done) ->
                link.call(Request.cmd(Command.HGET, "text", "field"), done));

    assertThat(failure)
        .isInstanceOfSatisfying(
            RedisLink.ErrorReply.class, e -> assertThat(e.code()).isEqualTo("WRONGTYPE"))
        .hasMessageContaining("wrong kind of value");
    assertThat(echo(link, "goes on")).isEqualTo("goes on");
    close(link);
  }

  @Test
  void busyStoreIsUnreachable() throws Exception {
    server.command("CONFIG", "SET", "lua-time-limit", "20");
    RedisLink busy = open(server.url());
    RedisScript endless = RedisScript.of("while true do end");
    CompletableFuture<Response> running =
        loop.start(done -> busy.eval(endless, List.of(), List.of(), done));
    TimeUnit.MILLISECONDS.sleep(100);

    // While busy Redis answers HELLO, too, with BUSY.
    Throwable failure = echoFailure(open(server.url()));

    assertThat(failure).isInstanceOf(RedisLink.Unreachable.class);
    assertThat(Loop.failureOf(running)).isInstanceOf(RedisLink.Unreachable.class);
    assertThat(server.command("SCRIPT", "KILL")).isEqualTo("OK");
    close(busy);
  }

  @Test
  void wrongPasswordIsAnErrorThatDoesNotRepeatIt() throws IOException {
    server.command("ACL", "SETUSER", "shop", "on", ">right", "~*", "+@all");
    RedisLink link = open("redis://shop:hush-hush@127.0.0.1:" + server.port());

    Throwable failure = echoFailure(link);

    assertThat(failure).isInstanceOf(RedisLink.ErrorReply.class).hasMessageContaining("WRONGPASS");
    assertThat(failure.toString() + link.url()).doesNotContain("hush-hush");
    close(link);
  }

  @Test
  void closedLinkRefusesAndEndsWhatWasUnderWay() throws IOException {
    try (ReplyProxy proxy = new ReplyProxy(server.port())) {
      RedisLink link = open(proxy.url());
      echo(link, "connected");
      proxy.replies = ReplyProxy.Replies.DROPPED;
      CompletableFuture<Response> underWay = start(link, "x");

      close(link);

      assertThat(Loop.failureOf(underWay)).hasMessageContaining("closed here");
      assertThat(echoFailure(link)).hasMessageContaining("closed here");
      Awaitility.await().atMost(5, TimeUnit.SECONDS).until(() -> proxy.open() == 0);
    }
  }

  @Test
  void linkEndsWithTheVerticleItWasMadeIn() throws Exception {
    try (ReplyProxy proxy = new ReplyProxy(server.port())) {
      CompletableFuture<Boolean> answered = new CompletableFuture<>();
      String verticle =
          loop.vertx
              .deployVerticle(
                  context -> {
                    RedisLink link = new RedisLink(loop.vertx, RedisUrl.parse("url", proxy.url()));
                    link.call(
                        Request.cmd(Command.PING),
                        (reply, failure) -> answered.complete(failure == null));
                    return Future.succeededFuture();
                  })
              .toCompletionStage()
              .toCompletableFuture()
              .get(5, TimeUnit.SECONDS);
      assertThat(answered.get(5, TimeUnit.SECONDS)).isTrue();
      assertThat(proxy.open()).isEqualTo(1);

      loop.vertx
          .undeploy(verticle)
          .toCompletionStage()
          .toCompletableFuture()
          .get(5, TimeUnit.SECONDS);

      Awaitility.await().atMost(5, TimeUnit.SECONDS).until(() -> proxy.open() == 0);
    }
  }

  @Test
  void callFromAnotherThreadIsRefused() {
    RedisLink link = open(server.url());

    assertThatThrownBy(() -> link.call(Request.cmd(Command.ECHO, "x"), (reply, failure) -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("another thread");
    assertThatThrownBy(() -> new RedisLink(loop.vertx, RedisUrl.parse("url", server.url())))
        .isInstanceOf(IllegalStateException.class);
    close(link);
  }
}
