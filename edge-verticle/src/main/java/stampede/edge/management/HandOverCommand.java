package stampede.edge.management;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import stampede.edge.Backstage;
import stampede.edge.Owners;
import stampede.protocol.Addresses;
import stampede.protocol.CorruptRecord;
import stampede.protocol.HandOver;

/**
 * Moves a partition away from its owner: what was decided becomes durable and is answered, the
 * lease is given up, and the next in the line, which has followed the log, acquires it.
 */
final class HandOverCommand {
  private static final long ANSWER_MS_MAX = 5_000;

  private final EdgeSide edge;
  private final AuditNote audit;

  HandOverCommand(EdgeSide edge) {
    this.edge = edge;
    this.audit = new AuditNote(edge.backstage());
  }

  /** {@code {"partition","from","epoch","released"}}; who owns it next shows the cluster. */
  Future<JsonObject> handOver(Instruction instruction) {
    int partition =
        (int) instruction.body().whole("partition", 0, edge.backstage().partitions() - 1);
    for (OwnerSeen owner : edge.owners().get()) {
      if (owner.partition() == partition && owner.serving()) {
        return handOver(instruction, owner);
      }
    }
    return Future.failedFuture(
        new Backstage.Refusal("no_owner", "partition " + partition + " has no owner that serves"));
  }

  private Future<JsonObject> handOver(Instruction instruction, OwnerSeen owner) {
    JsonObject what =
        new JsonObject()
            .put("partition", owner.partition())
            .put("from", owner.node())
            .put("epoch", owner.epoch());
    return audit.before(
        instruction,
        "partition.handover",
        Integer.toString(owner.partition()),
        what,
        what.copy().put("again", true),
        () -> ask(owner).map(asked -> what.copy().put("released", true)));
  }

  private Future<Void> ask(OwnerSeen owner) {
    Promise<Void> promise = Promise.promise();
    edge.bus()
        .request(
            Addresses.stepAside(owner.address()),
            new HandOver(owner.partition(), owner.epoch(), edge.node(), "").encode(),
            ANSWER_MS_MAX,
            (reply, failure) -> {
              if (reply == null) {
                promise.fail(new Owners.Unresolved());
              } else {
                heard(reply, promise);
              }
            });
    return promise.future();
  }

  private static void heard(byte[] reply, Promise<Void> promise) {
    HandOver.Answer answer;
    try {
      answer = HandOver.Answer.decode(reply);
    } catch (CorruptRecord e) {
      promise.fail(e);
      return;
    }
    if (answer.released()) {
      promise.complete();
    } else {
      promise.fail(new Backstage.Refusal(answer.why(), "the owner keeps it: " + answer.why()));
    }
  }
}
