package stampede.persist.webhook;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.node.Alarms;
import stampede.node.LoopVitals;
import stampede.node.VertxBus;
import stampede.node.VertxTimers;
import stampede.node.Vitals;
import stampede.protocol.Addresses;
import stampede.protocol.DrainNews;
import stampede.protocol.DrainStatus;
import stampede.protocol.DrainStatus.Mode;
import stampede.protocol.port.Bus;

/** Tells the shop, on an event loop of its own: all it has of the drains is what they publish. */
public final class WebhookVerticle extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(WebhookVerticle.class);
  private static final long STOP_MS_MAX = 3_000;

  private final String node;
  private final WebhookConfig config;
  private final Outbox outbox;
  private final Vitals vitals;
  private final List<Bus.Registration> registrations = new ArrayList<>();
  private @Nullable WebhookSender sender;
  private @Nullable HttpReceiver receiver;
  private @Nullable LoopVitals loop;

  /**
   * @param node whose drains' partitions are sent
   * @param outbox asked on this verticle's event loop only
   */
  public WebhookVerticle(String node, WebhookConfig config, Outbox outbox, Vitals vitals) {
    this.node = node;
    this.config = config;
    this.outbox = outbox;
    this.vitals = vitals;
  }

  @Override
  public Future<?> start() {
    HttpReceiver receiver = new HttpReceiver(vertx, config, System::currentTimeMillis);
    WebhookSender sender =
        new WebhookSender(
            node,
            config,
            outbox,
            receiver,
            new VertxTimers(vertx),
            System::currentTimeMillis,
            () -> ThreadLocalRandom.current().nextDouble(),
            watcher());
    this.receiver = receiver;
    this.sender = sender;
    show(sender);
    Bus bus = new VertxBus(vertx);
    registrations.add(
        bus.subscribe(Addresses.DRAIN_STATUS, m -> heard(sender, DrainNews.decode(m))));
    registrations.add(bus.subscribe(Addresses.WEBHOOK_RETRY, message -> sender.retry()));
    sender.start();
    log.info("webhook.on {}", config.place());
    return Future.succeededFuture();
  }

  /** What is under way has 3 s to end; what has not is sent again later. */
  @Override
  public Future<?> stop() {
    registrations.forEach(Bus.Registration::cancel);
    Promise<Void> ended = Promise.promise();
    if (sender == null || receiver == null || loop == null) {
      return Future.succeededFuture();
    }
    HttpReceiver open = receiver;
    sender.stop(ended::tryComplete);
    vitals.leave(loop);
    return ended
        .future()
        .timeout(STOP_MS_MAX, TimeUnit.MILLISECONDS)
        .transform(waited -> open.close());
  }

  private WebhookSender.Watcher watcher() {
    return new WebhookSender.Watcher() {
      @Override
      public void parked(WebhookRow row, String error) {
        Alarms.ofProcess()
            .raise("webhook.parked", row.kind().type() + " " + row.id() + ": " + error);
      }

      @Override
      public void endpointDown(long forMs, String error) {
        Alarms.ofProcess()
            .raise(
                "webhook.endpoint-down",
                config.place() + " has taken nothing for " + forMs / 1_000 + " s: " + error);
      }

      @Override
      public void stopped(int partition, int parkedSubjects) {
        Alarms.ofProcess()
            .raise(
                "webhook.stopped",
                "partition "
                    + partition
                    + ": "
                    + parkedSubjects
                    + " orders and items have something parked; no more of it is told");
      }
    };
  }

  private void show(WebhookSender sender) {
    LoopVitals loop = vitals.on(context, "webhook");
    this.loop = loop;
    loop.counter(
        "stampede_webhook_attempts_total",
        "Requests to the shop, by what came of them",
        sender::delivered,
        "result",
        "taken");
    loop.counter(
        "stampede_webhook_attempts_total",
        "Requests to the shop, by what came of them",
        sender::failed,
        "result",
        "failed");
    loop.counter("stampede_webhook_parked_total", "Messages given up for now", sender::parked);
    loop.gauge(
        "stampede_webhook_waiting", "Messages read and not yet taken by the shop", sender::waiting);
    loop.gauge(
        "stampede_webhook_oldest_seconds",
        "Age of the oldest event the shop was not told of",
        () -> sender.oldestAgeMs() / 1_000.0);
  }

  private static void heard(WebhookSender sender, DrainNews news) {
    for (DrainStatus status : news.drains()) {
      boolean able = status.mode() != Mode.WAITING;
      sender.heard(status.partition(), news.node(), able, status.position());
    }
  }
}
