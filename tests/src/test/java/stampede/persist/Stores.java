package stampede.persist;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import stampede.node.redis.StreamRecord;
import stampede.persist.reconcile.ReconcileConfig;
import stampede.persist.webhook.WebhookConfig;
import stampede.protocol.Addresses;
import stampede.protocol.JournalEntry;
import stampede.protocol.JournalKeys;
import stampede.rig.NodeConfigs;
import stampede.standalone.EmbeddedRedis;

/**
 * A journal in a real Redis, a real MariaDB, both empty before each test, and nodes between them.
 */
final class Stores implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback {
  static final int PARTITIONS = 4;

  final Database db;
  private final Supplier<Path> directory;
  private final List<String> deployed = new ArrayList<>();
  private EmbeddedRedis server;
  private Redis redis;

  Stores(Supplier<Path> directory) {
    this.directory = directory;
    db = new Database(directory);
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    db.start();
    server = EmbeddedRedis.start(directory.get());
    redis = Redis.createClient(db.vertx, server.url());
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    db.reset();
    Database.await(redis.send(Request.cmd(Command.FLUSHALL)));
  }

  @Override
  public void afterAll(ExtensionContext context) {
    redis.close();
    server.stop();
    db.close();
  }

  /** As the owner of its partition leaves it. */
  void append(JournalEntry entry) {
    Request end =
        Request.cmd(Command.HSET, JournalKeys.own(entry.partition()), "position", entry.last());
    Database.await(redis.batch(List.of(StreamRecord.add(entry), end)));
  }

  PersistConfig config(
      String node,
      int statementTimeoutMs,
      long journalTimeoutMs,
      WebhookConfig webhook,
      ReconcileConfig reconcile) {
    return NodeConfigs.persist(
        node,
        server.url(),
        db.url(),
        PARTITIONS,
        2,
        statementTimeoutMs,
        journalTimeoutMs,
        webhook,
        reconcile);
  }

  String deploy(PersistVerticle node) {
    String id = Database.await(db.vertx.deployVerticle(node));
    deployed.add(id);
    return id;
  }

  void undeploy(String id) {
    deployed.remove(id);
    Database.await(db.vertx.undeploy(id));
  }

  void undeployAll() {
    List.copyOf(deployed).forEach(this::undeploy);
  }

  JsonObject ask(JsonObject request) {
    DeliveryOptions options = new DeliveryOptions().setSendTimeout(10_000);
    return new JsonObject(
        Database.await(
                db.vertx
                    .eventBus()
                    .<Buffer>request(Addresses.PERSIST_QUERY, request.toBuffer(), options))
            .body());
  }
}
