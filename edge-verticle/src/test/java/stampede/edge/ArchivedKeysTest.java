package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import stampede.protocol.Bytes;
import stampede.protocol.Command;
import stampede.protocol.OrderFact;
import stampede.protocol.OrderStatus;
import stampede.protocol.Outcome;
import stampede.protocol.Reply.Shaken;
import stampede.protocol.port.Bus;
import stampede.protocol.port.Completion;

class ArchivedKeysTest {
  private static final long ITEM = 1001;
  private static final long CLOSED_AT = 5_000;
  private static final Shaken UNKNOWN_ITEM = Shaken.invalid("unknown_item", "not here", 900, 9_000);
  private static final Bytes ANN = Bytes.of("ann");
  private static final OrderFact ORDER =
      ScriptedOwners.order(ScriptedOwners.orderIn(2), "ann", OrderStatus.PAID);

  private final VirtualTimers timers = new VirtualTimers();
  private final Backstage backstage = new Backstage(new ScriptedOwners(), new Store(), timers);
  private final ArchivedKeys keys = new ArchivedKeys(backstage, timers);
  private final List<String> asked = new ArrayList<>();
  private final List<Shaken> said = new ArrayList<>();
  private boolean away;
  private Function<JsonObject, JsonObject> persist =
      query -> {
        boolean hers = ANN.utf8().equals(query.getString("user"));
        return query.getString("op").equals("item.get")
            ? JsonObject.of("item", JsonObject.of("published", true, "closesAt", CLOSED_AT))
            : JsonObject.of(
                "orders", hers ? JsonArray.of(OrderView.ofOwner(ORDER)) : JsonArray.of());
      };

  private Shaken ask(Command command, Shaken ownerSaid) {
    said.clear();
    keys.ask(command, ownerSaid, said::add);
    timers.advance(10);
    assertThat(said).hasSize(1);
    return said.get(0);
  }

  private static Command shake(String user, int quantity) {
    return new Command.Shake(ITEM, Bytes.of(user), Bytes.of("k-1"), quantity);
  }

  private static Command result(String user) {
    return new Command.AskResult(ITEM, Bytes.of(user), Bytes.of("k-1"));
  }

  /** A persist node that answers at once, or is away. */
  private final class Store implements Bus {
    @Override
    public void request(String address, byte[] message, long timeoutMs, Completion<byte[]> reply) {
      JsonObject query = new JsonObject(new String(message, StandardCharsets.UTF_8));
      asked.add(query.getString("op"));
      if (away) {
        timers.after(timeoutMs, () -> reply.fail(new Unanswered("nobody there")));
      } else {
        reply.succeed(persist.apply(query).encode().getBytes(StandardCharsets.UTF_8));
      }
    }

    @Override
    public void publish(String address, byte[] message) {
      throw new AssertionError("nothing is published");
    }

    @Override
    public Registration serve(String address, Handler handler) {
      throw new AssertionError("an edge serves no address");
    }

    @Override
    public Registration subscribe(String address, Consumer<byte[]> handler) {
      throw new AssertionError("nothing is heard");
    }
  }

  @Test
  void keyOfAnArchivedItemIsItsOrderForEver() {
    assertThat(ask(result("ann"), UNKNOWN_ITEM).order()).isEqualTo(ORDER);
    Shaken again = ask(shake("ann", 2), UNKNOWN_ITEM);
    assertThat(again.order()).isEqualTo(ORDER);
    assertThat(again.again()).isTrue();
    assertThat(again.position()).isEqualTo(900);
    assertThat(ask(shake("ann", 1), UNKNOWN_ITEM).code()).isEqualTo("key_reused");
  }

  @Test
  void newShakeOfAnArchivedItemHearsThatItHasEnded() {
    assertThat(ask(shake("bob", 1), UNKNOWN_ITEM).outcome()).isEqualTo(Outcome.ENDED);
    assertThat(ask(result("bob"), UNKNOWN_ITEM)).isEqualTo(UNKNOWN_ITEM);
  }

  @Test
  void ownerThatIsBehindEndsNothing() {
    Shaken behind = Shaken.invalid("unknown_item", "not here", 3, CLOSED_AT - 1);

    assertThat(ask(shake("bob", 1), behind)).isEqualTo(behind);
  }

  @Test
  void itemThatNeverWasIsLookedUpOnce() {
    persist = query -> JsonObject.of("error", JsonObject.of("code", "not_found", "detail", "no"));

    for (int i = 0; i < 5; i++) {
      assertThat(ask(shake("bob", 1), UNKNOWN_ITEM)).isEqualTo(UNKNOWN_ITEM);
    }

    assertThat(asked).containsExactly("item.get");
  }

  @Test
  void nothingIsKnownWhileMySqlIsAwayAndFewAreAsked() {
    away = true;
    List<Shaken> heard = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      Command shake = new Command.Shake(5_000 + i, ANN, Bytes.of("k"), 1);
      keys.ask(shake, UNKNOWN_ITEM, heard::add);
    }
    assertThat(heard).hasSize(40 - 16).containsOnlyNulls();

    timers.advance(10_000);

    assertThat(heard).hasSize(40).containsOnlyNulls();
  }
}
