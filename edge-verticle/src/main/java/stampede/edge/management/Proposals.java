package stampede.edge.management;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stampede.edge.Backstage;
import stampede.edge.Fields;
import stampede.protocol.Addresses;
import stampede.protocol.Limits;
import stampede.protocol.port.Bus;

/**
 * Changes that wait for a second person. Every edge knows them, so that it does not matter where
 * the second one signed in: who proposed says so again each second. Each carries a key, so that two
 * who approve it at once on two edges change it once. On the edge's event loop.
 */
final class Proposals {
  static final long LIFE_MS = 300_000;
  static final int WAITING_MAX = 64;
  private static final int OVER_MAX = 1_024;
  private static final long SAID_EVERY_MS = 1_000;
  private static final Logger LOG = LoggerFactory.getLogger(Proposals.class);

  private final EdgeSide edge;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Proposal> waiting = new LinkedHashMap<>();
  private final Map<String, Long> overUntil = new LinkedHashMap<>();
  private Bus.@Nullable Registration registration;

  /**
   * @param own made on this edge
   */
  private record Proposal(
      String id, String address, JsonObject body, String by, long expiresAt, boolean own) {
    JsonObject json() {
      return new JsonObject()
          .put("pending", id)
          .put("address", address)
          .put("body", body)
          .put("by", by)
          .put("expiresAt", expiresAt);
    }
  }

  Proposals(EdgeSide edge) {
    this.edge = edge;
  }

  void start() {
    registration = edge.bus().subscribe(Addresses.PROPOSALS, this::hear);
    edge.timers().after(SAID_EVERY_MS, this::sayAgain);
  }

  void stop() {
    if (registration != null) {
      registration.cancel();
      registration = null;
    }
  }

  /** {@code {"pending","expiresAt"}}; the same again for a repeated key. */
  Future<JsonObject> propose(String address, Instruction instruction) {
    forgetOld();
    JsonObject body = instruction.body().json();
    String by = instruction.by().name();
    for (Proposal known : waiting.values()) {
      boolean again =
          body.getValue("key") != null
              && known.by.equals(by)
              && known.address.equals(address)
              && Objects.equals(known.body.getValue("key"), body.getValue("key"));
      if (again) {
        return Future.succeededFuture(told(known));
      }
    }
    if (waiting.size() >= WAITING_MAX) {
      return Future.failedFuture(
          new Backstage.Refusal(
              "too_many_pending", WAITING_MAX + " changes wait for a second person"));
    }
    String id = Long.toUnsignedString(random.nextLong(), 36);
    if (body.getValue("key") == null) {
      body.put("key", "pending-" + id);
    }
    Proposal proposal = new Proposal(id, address, body, by, nowMs() + LIFE_MS, true);
    waiting.put(id, proposal);
    say(new JsonArray().add(proposal.json()), new JsonArray());
    return Future.succeededFuture(told(proposal));
  }

  private static JsonObject told(Proposal proposal) {
    return new JsonObject()
        .put("pending", proposal.id)
        .put("expiresAt", proposal.expiresAt)
        .put("wants", "another admin: admin.approve");
  }

  /** {@code {"pending":[{"pending","address","body","by","expiresAt"}]}}. */
  JsonObject list() {
    forgetOld();
    JsonArray all = new JsonArray();
    waiting.values().forEach(proposal -> all.add(proposal.json()));
    return new JsonObject().put("pending", all);
  }

  /**
   * What was proposed, in its proposer's name and with both names in its reason. It stays when that
   * fails, and can be approved again.
   *
   * @param commands by address
   */
  Future<JsonObject> approve(
      Instruction instruction,
      Function<String, Function<Instruction, Future<JsonObject>>> commands) {
    forgetOld();
    String id = instruction.body().text("pending", 64);
    Proposal proposal = waiting.get(id);
    if (proposal == null) {
      return Future.failedFuture(
          new Backstage.Refusal(
              "unknown_pending", "nothing with this id waits; it may be over, or too old"));
    }
    String approver = instruction.by().name();
    if (proposal.by.equals(approver)) {
      return Future.failedFuture(
          new Backstage.Refusal("same_person", "somebody else than " + proposal.by + " approves"));
    }
    Operator by = new Operator(proposal.by, Role.ADMIN, instruction.by().expiresAtMs());
    Instruction approved =
        new Instruction(by, Fields.of(proposal.body.copy())).because(reason(proposal, approver));
    return commands
        .apply(proposal.address)
        .apply(approved)
        .map(
            reply -> {
              over(id, proposal.expiresAt);
              say(new JsonArray(), new JsonArray().add(id));
              return reply.put("by", proposal.by).put("approvedBy", approver);
            });
  }

  private static String reason(Proposal proposal, String approver) {
    String reason = proposal.body.getValue("reason") instanceof String text ? text : "";
    String both = "approved by " + approver + (reason.isEmpty() ? "" : ": " + reason);
    return both.substring(0, Math.min(both.length(), Limits.REASON_CHARS_MAX));
  }

  // ---- between edges ---------------------------------------------------------------------------

  private void sayAgain() {
    if (registration == null) {
      return;
    }
    forgetOld();
    JsonArray own = new JsonArray();
    waiting.values().stream().filter(Proposal::own).forEach(each -> own.add(each.json()));
    if (!own.isEmpty()) {
      say(own, new JsonArray());
    }
    edge.timers().after(SAID_EVERY_MS, this::sayAgain);
  }

  private void say(JsonArray proposed, JsonArray over) {
    JsonObject message = new JsonObject().put("waiting", proposed).put("over", over);
    edge.bus().publish(Addresses.PROPOSALS, message.toBuffer().getBytes());
  }

  private void hear(byte[] message) {
    try {
      JsonObject said = new JsonObject(Buffer.buffer(message));
      for (Object each : said.getJsonArray("waiting", new JsonArray())) {
        JsonObject json = (JsonObject) each;
        Proposal proposal =
            new Proposal(
                json.getString("pending"),
                json.getString("address"),
                json.getJsonObject("body"),
                json.getString("by"),
                json.getLong("expiresAt"),
                false);
        if (waiting.size() < WAITING_MAX && !overUntil.containsKey(proposal.id)) {
          waiting.putIfAbsent(proposal.id, proposal);
        }
      }
      for (Object id : said.getJsonArray("over", new JsonArray())) {
        over((String) id, nowMs() + LIFE_MS);
      }
    } catch (DecodeException | ClassCastException | NullPointerException e) {
      LOG.warn("proposals that can't be read were ignored: {}", e.toString());
    }
  }

  private void over(String id, long until) {
    waiting.remove(id);
    if (overUntil.size() < OVER_MAX) {
      overUntil.put(id, until + LIFE_MS);
    }
  }

  private void forgetOld() {
    long nowMs = nowMs();
    waiting.values().removeIf(proposal -> proposal.expiresAt <= nowMs);
    overUntil.values().removeIf(until -> until <= nowMs);
  }

  private long nowMs() {
    return edge.nowMs().getAsLong();
  }
}
