package stampede.edge.management;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import stampede.edge.Backstage;
import stampede.protocol.Command;
import stampede.protocol.ItemState;
import stampede.protocol.Limits;
import stampede.protocol.Reply;

/**
 * Takes what is over off its owners, who then cut their journals, and marks it in MySQL, which
 * keeps all of it.
 */
final class SessionArchiving {
  private static final long LOOK_MS = 2_000;

  private final Backstage backstage;

  SessionArchiving(Backstage backstage) {
    this.backstage = backstage;
  }

  /**
   * {@code {"session","archived":[…],"missing":[{"item","code","detail"}],"status"}}: every owner
   * forgets the items it has, then MySQL marks the session. Only when each item has ended and holds
   * no unpaid unit, and no payment may come any more, unless forced. Sending it again is always
   * right: what an owner that was away still has gets its next chance.
   */
  Future<JsonObject> archive(Instruction given) {
    long session = given.body().id("session");
    String force = given.body().text("force", Limits.REASON_CHARS_MAX, "");
    Instruction instruction = force.isEmpty() ? given : given.because(force);
    return backstage
        .session(session, CatalogueCommands.PERSIST_MS)
        .compose(
            found ->
                "draft".equals(found.getString("status"))
                    ? mark(instruction, session) // the catalogue says what it thinks of that
                    : archive(instruction, session, Preflight.items(found), !force.isEmpty()));
  }

  private Future<JsonObject> archive(
      Instruction instruction, long session, List<Long> items, boolean early) {
    Map<Integer, Future<Reply.Steered>> owners = new LinkedHashMap<>();
    return allOver(items)
        .compose(
            over -> {
              for (long item : items) {
                owners.computeIfAbsent(
                    backstage.partitionOfItem(item),
                    partition ->
                        backstage.owner(
                            partition,
                            new Command.Archive(session, early),
                            Reply.Steered.class,
                            SaleCommands.OWNER_MS));
              }
              return Future.join(List.copyOf(owners.values()))
                  .transform(joined -> archived(instruction, session, items, owners));
            });
  }

  private Future<JsonObject> archived(
      Instruction instruction,
      long session,
      List<Long> items,
      Map<Integer, Future<Reply.Steered>> owners) {
    JsonArray archived = new JsonArray();
    JsonArray missing = new JsonArray();
    for (long item : items) {
      Throwable fault = owners.get(backstage.partitionOfItem(item)).cause();
      if (fault instanceof Backstage.Refusal) {
        return Future.failedFuture(fault);
      } else if (fault == null) {
        archived.add(Long.toString(item));
      } else {
        missing.add(AdminGateway.fault(fault).put("item", Long.toString(item)));
      }
    }
    JsonObject told =
        new JsonObject()
            .put("session", Long.toString(session))
            .put("archived", archived)
            .put("missing", missing);
    return missing.isEmpty()
        ? mark(instruction, session).map(marked -> told.mergeIn(marked))
        : Future.succeededFuture(told.put("status", "published"));
  }

  private Future<JsonObject> mark(Instruction instruction, long session) {
    return backstage.persist(
        instruction.change("session.archive").put("session", Long.toString(session)),
        CatalogueCommands.PERSIST_MS);
  }

  /** As far as owners say anything: none of them forgets what is over while another still sells. */
  private Future<?> allOver(List<Long> items) {
    List<Future<Void>> asked = new ArrayList<>();
    for (long item : items) {
      asked.add(over(item));
    }
    return Future.all(asked);
  }

  private Future<Void> over(long item) {
    return backstage
        .item(item, LOOK_MS)
        .transform(
            found -> {
              if (found.failed()) {
                return Future.succeededFuture(); // archived before, never published, or away
              }
              Reply.ItemIs is = found.result();
              if (is.state() != ItemState.ENDED) {
                String detail = "item " + item + " is " + is.state().text();
                return Future.failedFuture(new Backstage.Refusal("not_ended", detail));
              }
              return is.held() == 0
                  ? Future.succeededFuture()
                  : Future.failedFuture(
                      new Backstage.Refusal(
                          "orders_held",
                          is.held() + " units of item " + item + " wait for their payment"));
            });
  }
}
