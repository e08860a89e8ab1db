package stampede.persist.webhook;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import stampede.persist.VirtualTime;
import stampede.protocol.port.Completion;

/** An outbox and a shop in memory, in virtual time. */
final class WebhookWorld extends VirtualTime implements Outbox, Receiver, WebhookSender.Watcher {
  static final long EPOCH_MS = 1_000_000_000;

  /** How the shop answers a row, and whether it has it: a lost answer is no lost message. */
  record Reaction(boolean has, Answer answer, long afterMs) {
    static final Reaction TAKES = new Reaction(true, Answer.TAKEN, 2);
    static final Reaction REFUSES = new Reaction(false, Answer.refused("status 500"), 2);
    static final Reaction TAKES_IN_SILENCE =
        new Reaction(true, Answer.refused("no answer within 5000 ms"), 5_000);
  }

  final TreeMap<Long, WebhookRow> rows = new TreeMap<>();
  final List<WebhookRow> had = new ArrayList<>();
  final List<String> alarms = new ArrayList<>();
  final Random random;
  Function<WebhookRow, Reaction> shop = row -> Reaction.TAKES;
  boolean storeAway;
  int asked;
  int underWay;
  int underWayMax;
  int down;
  int stopped;

  WebhookWorld(long seed) {
    random = new Random(seed);
  }

  WebhookSender sender(WebhookConfig config) {
    WebhookSender sender =
        new WebhookSender(
            "me", config, this, this, this, () -> EPOCH_MS + nowMs, random::nextDouble, this);
    sender.start();
    return sender;
  }

  static WebhookConfig config(int inFlightMax, int attemptsMax) {
    String secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    return new WebhookConfig(
        "http://127.0.0.1:9/", secret, inFlightMax, 5_000, 60_000, attemptsMax, 48);
  }

  /** A row of partition 0. */
  void add(WebhookKind kind, long position, long subject) {
    long line = kind.line(position);
    rows.put(line, row(line, kind, subject, 0, 0, false));
  }

  private static WebhookRow row(
      long line, WebhookKind kind, long subject, int attempts, long firstTryAt, boolean parked) {
    return new WebhookRow(
        0, line, kind, subject, EPOCH_MS, attempts, firstTryAt, parked, "{" + line + "}");
  }

  /** What {@code admin.webhooks.retry} does. */
  void unpark() {
    rows.replaceAll((line, row) -> row(line, row.kind(), row.subject(), 0, 0, false));
  }

  /** As if everything in the outbox had failed too often. */
  void park() {
    rows.replaceAll((line, row) -> row(line, row.kind(), row.subject(), 3, EPOCH_MS, true));
  }

  List<Long> parkedLines() {
    return rows.values().stream().filter(WebhookRow::parked).map(WebhookRow::line).toList();
  }

  /** Runs on, while the drain says now and then that it is alive and at the end. */
  void run(WebhookSender sender, long ms) {
    for (long until = nowMs + ms; nowMs < until; ) {
      sender.heard(0, "me", true, rows.isEmpty() ? 0 : rows.lastKey() / 2);
      run(Math.min(1_000, until - nowMs));
    }
  }

  @Override
  public void read(int partition, long afterLine, int max, Completion<List<WebhookRow>> done) {
    List<WebhookRow> page =
        partition == 0
            ? rows.tailMap(afterLine, false).values().stream().limit(max).toList()
            : List.of();
    boolean away = storeAway;
    after(1, () -> end(away, page, done));
  }

  @Override
  public void write(List<WebhookRow> told, List<Failure> failures, Completion<Boolean> done) {
    boolean away = storeAway;
    if (!away) {
      for (Failure f : failures) {
        WebhookRow row = f.row();
        rows.replace(
            row.line(),
            row(row.line(), row.kind(), row.subject(), f.attempts(), f.firstTryAt(), f.parked()));
      }
      told.forEach(row -> rows.remove(row.line()));
    }
    after(1, () -> end(away, true, done));
  }

  private static <T> void end(boolean away, T result, Completion<T> done) {
    if (away) {
      done.fail(new IllegalStateException("away"));
    } else {
      done.succeed(result);
    }
  }

  @Override
  public void tell(WebhookRow row, Completion<Answer> done) {
    asked++;
    underWay++;
    underWayMax = Math.max(underWayMax, underWay);
    Reaction reaction = shop.apply(row);
    if (reaction.has()) {
      had.add(row);
    }
    after(
        reaction.afterMs(),
        () -> {
          underWay--;
          done.succeed(reaction.answer());
        });
  }

  @Override
  public void parked(WebhookRow row, String error) {
    alarms.add(row.id() + ": " + error);
  }

  @Override
  public void endpointDown(long forMs, String error) {
    down++;
  }

  @Override
  public void stopped(int partition, int parkedSubjects) {
    stopped++;
  }
}
