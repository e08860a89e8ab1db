package stampede.persist;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import stampede.persist.drain.Chunk;
import stampede.persist.drain.CommitResult;
import stampede.persist.drain.CommitResult.Committed;
import stampede.persist.drain.CommitResult.CursorMoved;
import stampede.persist.drain.CommitResult.Failed;
import stampede.persist.drain.CommitResult.Transient;
import stampede.persist.drain.CommitResult.Unknown;
import stampede.persist.drain.Cursor;
import stampede.protocol.Bytes;
import stampede.protocol.JournalEntry;
import stampede.protocol.PartitionMap;
import stampede.protocol.SaleEvent;
import stampede.protocol.SaleEvent.Accepted;
import stampede.protocol.SaleEvent.ItemPublished;
import stampede.protocol.SaleEvent.Owned;
import stampede.protocol.SaleEvent.Paid;
import stampede.protocol.SaleEvent.RefundDue;
import stampede.protocol.SaleEvent.RefundReason;
import stampede.protocol.SaleEvent.ReleaseReason;
import stampede.protocol.SaleEvent.Released;
import stampede.protocol.SaleEvent.Steered;
import stampede.protocol.SaleEvent.StockReleased;
import stampede.protocol.SaleItem;
import stampede.protocol.Steering;
import stampede.protocol.Warrant;
import stampede.protocol.port.Completion;

class MySqlOrderStoreIT {
  /** One at the beginning and one at the end of each. */
  private static final String STATEMENTS_OF_TRANSACTIONS =
      "SELECT SUM(VARIABLE_VALUE) FROM information_schema.GLOBAL_STATUS"
          + " WHERE VARIABLE_NAME IN ('COM_BEGIN', 'COM_COMMIT', 'COM_ROLLBACK')";

  private static final int PARTITION = 3;
  private static final long ITEM = 1001;
  private static final Warrant WARRANT = new Warrant("ann", "秒杀", Bytes.of("c-1"), true);
  @TempDir static Path directory;
  @RegisterExtension static final Database db = new Database(() -> directory);

  private final Map<Long, SaleItem> items = new HashMap<>();
  private Cursor cursor = Cursor.START;
  private long batch = 0xF000_0000_0000_0001L; // above the signed range

  @Test
  void cursorOfAFreshPartitionIsTheStart() {
    MySqlOrderStore store = db.store();

    assertThat(db.<Cursor>ask(done -> store.cursor(PARTITION, done))).isEqualTo(Cursor.START);
    assertThat(db.<Cursor>ask(done -> store.cursor(PARTITION, done))).isEqualTo(Cursor.START);
  }

  @Test
  void chunkOfEveryKindOfEventLandsFieldByField() {
    MySqlOrderStore store = opened();
    commit(
        store,
        new Owned(1, "sale-1", 7, 100),
        new ItemPublished(item(ITEM, 10), WARRANT, 101),
        accepted("u1", "k1", 2, 102),
        accepted("u2", "k2", 1, 103),
        accepted("u3", "k3", 1, 104));
    long paid = PartitionMap.orderId(PARTITION, 3);
    long released = PartitionMap.orderId(PARTITION, 4);
    long held = PartitionMap.orderId(PARTITION, 5);

    CommitResult result =
        commit(
            store,
            new Paid(paid, ITEM, 2, Bytes.of("pay-1"), 110),
            new Released(released, ITEM, 1, ReleaseReason.CANCELLED, 111),
            new RefundDue(paid, Bytes.of("pay-2"), RefundReason.EXTRA, 112),
            new RefundDue(paid, Bytes.of("pay-3"), RefundReason.EXTRA, 113),
            new StockReleased(ITEM, 0, 5, 114),
            new Steered(
                Steering.ADD_STOCK, ITEM, 3, Bytes.EMPTY, WARRANT, "{\"a\":1}", "{\"a\":2}", 115),
            new Steered(Steering.BLOCK_USER, 0, 0, Bytes.of("bad\0guy"), WARRANT, "{}", "{}", 116));

    assertThat(result).isEqualTo(new Committed(cursor));
    Row row = db.row("SELECT * FROM sale_order WHERE order_id = " + paid);
    assertThat(row.getLong("item_id")).isEqualTo(ITEM);
    assertThat(row.getBuffer("user_id")).isEqualTo(Buffer.buffer("u1"));
    assertThat(row.getBuffer("shake_key")).isEqualTo(Buffer.buffer("k1"));
    assertThat(row.getInteger("quantity")).isEqualTo(2);
    assertThat(row.getLong("price")).isEqualTo(9_900);
    assertThat(row.getString("currency")).isEqualTo("CNY");
    assertThat(row.getString("status")).isEqualTo("paid");
    assertThat(row.getLong("accepted_at")).isEqualTo(102);
    assertThat(row.getLong("pay_by")).isEqualTo(60_102);
    assertThat(row.getLong("paid_at")).isEqualTo(110);
    assertThat(row.getBuffer("payment_id")).isEqualTo(Buffer.buffer("pay-1"));
    assertThat(row.getValue("released_at")).isNull();
    assertThat(row.getBuffer("refund_payment_id")).isEqualTo(Buffer.buffer("pay-2"));
    assertThat(row.getString("refund_reason")).isEqualTo("extra_payment");
    assertThat(row.getLong("refund_at")).isEqualTo(112);
    assertThat(row.getInteger("partition_id")).isEqualTo(PARTITION);
    assertThat(row.getLong("position")).isEqualTo(3);
    row = db.row("SELECT * FROM sale_order WHERE order_id = " + released);
    assertThat(row.getString("status")).isEqualTo("released");
    assertThat(row.getLong("released_at")).isEqualTo(111);
    assertThat(row.getString("release_reason")).isEqualTo("cancelled");
    row = db.row("SELECT * FROM sale_order WHERE order_id = " + held);
    assertThat(row.getString("status")).isEqualTo("held");
    assertThat(row.getValue("payment_id")).isNull();
    assertThat(stock()).containsExactly(10L + 5 + 3 - 2 - 1, 1L, 2L, 18L, 11L);
    assertThat(db.number("SELECT COUNT(*) FROM sale_refund WHERE order_id = " + paid)).isEqualTo(2);
    assertThat(db.row("SELECT * FROM sale_refund WHERE position = 9").getBuffer("payment_id"))
        .isEqualTo(Buffer.buffer("pay-3"));
    assertThat(db.number("SELECT COUNT(*) FROM admin_audit")).isEqualTo(3);
    row = db.row("SELECT * FROM admin_audit WHERE position = 11");
    assertThat(row.getString("operator")).isEqualTo("ann");
    assertThat(row.getString("action")).isEqualTo("add_stock");
    assertThat(row.getString("subject")).isEqualTo("1001");
    assertThat(row.getString("reason")).isEqualTo("秒杀");
    assertThat(row.getBuffer("command_key")).isEqualTo(Buffer.buffer("c-1"));
    assertThat(row.getString("before_json")).isEqualTo("{\"a\":1}");
    assertThat(row.getString("after_json")).isEqualTo("{\"a\":2}");
    assertThat(row.getLong("at")).isEqualTo(115);
    row = db.row("SELECT * FROM admin_audit WHERE position = 12");
    assertThat(row.getBuffer("user_id")).isEqualTo(Buffer.buffer("bad\0guy"));
    assertThat(db.<Cursor>ask(done -> store.cursor(PARTITION, done))).isEqualTo(cursor);
    assertThat(db.<List<SaleItem>>ask(done -> store.items(PARTITION, done)))
        .containsExactly(item(ITEM, 10));
  }

  @Test
  void orderThatEndsInItsOwnChunkIsInsertedInItsFinalState() {
    MySqlOrderStore store = opened();
    long paid = PartitionMap.orderId(PARTITION, 2);
    long late = PartitionMap.orderId(PARTITION, 3);

    commit(
        store,
        new ItemPublished(item(ITEM, 10), WARRANT, 100),
        accepted("u1", "k1", 1, 101),
        accepted("u2", "k2", 1, 102),
        new Paid(paid, ITEM, 1, Bytes.of("p"), 103),
        new Released(late, ITEM, 1, ReleaseReason.EXPIRED, 104),
        new RefundDue(late, Bytes.of("q"), RefundReason.LATE, 105));

    Row row = db.row("SELECT * FROM sale_order WHERE order_id = " + paid);
    assertThat(row.getString("status")).isEqualTo("paid");
    assertThat(row.getLong("paid_at")).isEqualTo(103);
    row = db.row("SELECT * FROM sale_order WHERE order_id = " + late);
    assertThat(row.getString("status")).isEqualTo("released");
    assertThat(row.getString("release_reason")).isEqualTo("expired");
    assertThat(row.getString("refund_reason")).isEqualTo("late_payment");
    assertThat(row.getBuffer("refund_payment_id")).isEqualTo(Buffer.buffer("q"));
    assertThat(stock()).containsExactly(9L, 0L, 1L, 10L, 5L);
  }

  @Test
  void idsThatDifferInOneByteAreDifferentRows() {
    MySqlOrderStore store = opened();
    List<String> ids =
        List.of("a", "A", "á", "a\u0301", "ä", "a ", " a", "a\0", "\0", "ａ", "秒", "'; --", "\\");
    List<SaleEvent> events = new ArrayList<>();
    events.add(new ItemPublished(item(ITEM, 100), WARRANT, 100));
    for (String id : ids) {
      events.add(accepted(id, "k", 1, 101));
      events.add(accepted("same", id, 1, 101));
    }

    CommitResult result = commit(store, events.toArray(new SaleEvent[0]));

    assertThat(result).isInstanceOf(Committed.class);
    Set<String> users = new HashSet<>();
    db.run("SELECT user_id FROM sale_order WHERE shake_key = x'6b'")
        .forEach(row -> users.add(row.getBuffer(0).toString(StandardCharsets.UTF_8)));
    assertThat(users).containsExactlyInAnyOrderElementsOf(ids);
    assertThat(db.number("SELECT COUNT(DISTINCT shake_key) FROM sale_order WHERE user_id = 'same'"))
        .isEqualTo(ids.size());
  }

  @Test
  void chunkFromAnOldCursorChangesNothing() {
    MySqlOrderStore store = opened();
    commit(store, new ItemPublished(item(ITEM, 10), WARRANT, 100), accepted("u1", "k1", 1, 101));
    Chunk again = chunk(1, 99, accepted("u9", "k9", 1, 102));

    CommitResult result = db.ask(done -> store.commit(PARTITION, Cursor.START, again, done));

    assertThat(result).isEqualTo(new CursorMoved(cursor));
    assertThat(db.number("SELECT COUNT(*) FROM sale_order")).isEqualTo(1);
  }

  @Test
  void duplicateShakeIsRefusedAsAWholeAndTheConnectionGoesOnWorking() {
    MySqlOrderStore store = opened();
    commit(store, new ItemPublished(item(ITEM, 10), WARRANT, 100), accepted("u1", "k1", 1, 101));
    Cursor before = cursor;

    CommitResult result = commit(store, accepted("u2", "k2", 1, 102), accepted("u1", "k1", 1, 103));

    assertThat(result).isInstanceOf(Failed.class);
    assertThat(((Failed) result).detail()).contains("Duplicate");
    assertThat(db.number("SELECT COUNT(*) FROM sale_order")).isEqualTo(1);
    assertThat(db.<Cursor>ask(done -> store.cursor(PARTITION, done))).isEqualTo(before);
    cursor = before;
    assertThat(commit(store, accepted("u2", "k2", 1, 102))).isInstanceOf(Committed.class);
  }

  @Test
  void payingAnOrderThatIsNotHeldIsRefused() {
    MySqlOrderStore store = opened();
    commit(
        store,
        new ItemPublished(item(ITEM, 10), WARRANT, 100),
        accepted("u1", "k1", 1, 101),
        accepted("u2", "k2", 1, 101));
    long order = PartitionMap.orderId(PARTITION, 2);
    commit(store, new Released(order, ITEM, 1, ReleaseReason.EXPIRED, 102));

    CommitResult result = commit(store, new Paid(order, ITEM, 1, Bytes.of("p"), 103));

    assertThat(result).isInstanceOf(Failed.class);
    assertThat(((Failed) result).detail()).contains("held orders to pay: 1 expected, 0 found");
    assertThat(db.row("SELECT status FROM sale_order WHERE order_id = " + order).getString(0))
        .isEqualTo("released");
  }

  @Test
  void stockThatDoesNotBalanceIsRefused() {
    MySqlOrderStore store = opened();
    commit(store, new ItemPublished(item(ITEM, 1), WARRANT, 100), accepted("u1", "k1", 1, 101));

    CommitResult result = commit(store, accepted("u2", "k2", 1, 102));

    assertThat(result).isInstanceOf(Failed.class);
    assertThat(((Failed) result).detail()).contains("item_stock_balances");
    assertThat(db.number("SELECT COUNT(*) FROM sale_order")).isEqualTo(1);
  }

  @Test
  void publicationCompletesTheDraft() {
    MySqlOrderStore store = opened();
    db.run(
        "INSERT INTO sale_item (item_id, session_id, partition_id, title, price, list_price,"
            + " currency, opens_at, closes_at, stock, limit_per_user, pay_within_ms, cooldown_ms,"
            + " gate, releases, created_by, created_at) VALUES (1001, 5, 3, 'draft', 1, 1, 'CNY',"
            + " 1, 2, 1, 1, 60000, 0, 1000000, '[]', 'ann', 77)");

    commit(store, new ItemPublished(item(ITEM, 10), WARRANT, 100));

    Row row = db.row("SELECT * FROM sale_item");
    assertThat(row.getString("title")).isEqualTo(item(ITEM, 10).title());
    assertThat(row.getLong("pay_within_seconds")).isEqualTo(60);
    assertThat(row.getLong("published_at")).isEqualTo(100);
    assertThat(row.getLong("published_position")).isEqualTo(1);
    assertThat(row.getLong("created_at")).isEqualTo(77);
  }

  @Test
  void largestChunkFits() {
    MySqlOrderStore store = opened();
    commit(store, new ItemPublished(item(ITEM, 100_000), WARRANT, 100));
    List<SaleEvent> accepts = new ArrayList<>();
    List<SaleEvent> payments = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      accepts.add(accepted("x".repeat(58) + i, "y".repeat(60) + i, 1, 101));
      payments.add(
          new Paid(
              PartitionMap.orderId(PARTITION, 2 + i), ITEM, 1, Bytes.of("z".repeat(60) + i), 102));
    }

    long begin = System.nanoTime();
    CommitResult first = commit(store, accepts.toArray(new SaleEvent[0]));
    long middle = System.nanoTime();
    CommitResult second = commit(store, payments.toArray(new SaleEvent[0]));
    long end = System.nanoTime();

    assertThat(first).isInstanceOf(Committed.class);
    assertThat(second).isInstanceOf(Committed.class);
    assertThat(db.number("SELECT COUNT(*) FROM sale_order WHERE status = 'paid'")).isEqualTo(1_000);
    System.out.printf(
        "1000 inserts in %d ms, 1000 payments in %d ms%n",
        (middle - begin) / 1_000_000, (end - middle) / 1_000_000);
  }

  @Test
  void ofTwoDrainsAtOnceExactlyOneGetsTheChunkIn() {
    MySqlOrderStore one = opened();
    MySqlOrderStore two = db.store();
    commit(one, new ItemPublished(item(ITEM, 1_000), WARRANT, 100));
    for (int round = 0; round < 20; round++) {
      Cursor from = cursor;
      Chunk chunk = chunk(from.position() + 1, batch++, accepted("u" + round, "k", 1, 101));

      CompletableFuture<CommitResult> rival = new CompletableFuture<>();
      CommitResult mine =
          db.ask(
              done -> {
                two.commit(PARTITION, from, chunk, (result, failure) -> rival.complete(result));
                one.commit(PARTITION, from, chunk, done);
              });

      assertThat(List.of(mine, rival.join()))
          .containsExactlyInAnyOrder(new Committed(chunk.end()), new CursorMoved(chunk.end()));
      cursor = chunk.end();
    }
    assertThat(db.number("SELECT COUNT(*) FROM sale_order")).isEqualTo(20);
  }

  @Test
  void connectionKilledInTheMiddleLeavesNothingAndIsTransient() {
    MySqlOrderStore store = opened();
    commit(store, new ItemPublished(item(ITEM, 10), WARRANT, 100));
    Cursor before = cursor;
    Chunk chunk = chunk(before.position() + 1, batch++, accepted("u1", "k1", 1, 101));
    MySqlLink other = db.link();
    // Somebody else holds the cursor's lock, so that the chunk's transaction is caught inside.
    CommitResult result =
        db.ask(
            done ->
                other
                    .lease()
                    .onSuccess(
                        holder ->
                            other
                                .run(
                                    holder,
                                    "START TRANSACTION; SELECT * FROM drain_cursor FOR UPDATE")
                                .onSuccess(
                                    locked -> {
                                      store.commit(PARTITION, before, chunk, done);
                                      db.vertx.setTimer(300, now -> killAllBut(other, holder));
                                    })));

    assertThat(result).isInstanceOf(Transient.class);
    assertThat(db.number("SELECT COUNT(*) FROM sale_order")).isZero();
    assertThat(db.<CommitResult>ask(done -> store.commit(PARTITION, before, chunk, done)))
        .isEqualTo(new Committed(chunk.end()));
  }

  @Test
  void lostReplyToTheCommitIsUnknownAndTheCursorTells() {
    int port = proxyThatClosesAtTheReplyTo("\3COMMIT");
    MySqlOrderStore store = opened();
    commit(store, new ItemPublished(item(ITEM, 10), WARRANT, 100));
    Cursor before = cursor;
    Chunk chunk = chunk(before.position() + 1, batch++, accepted("u1", "k1", 1, 101));

    MySqlOrderStore far = db.storeAt(port);
    CommitResult result = db.ask(done -> far.commit(PARTITION, before, chunk, done));

    assertThat(result).isInstanceOf(Unknown.class);
    assertThat(db.<Cursor>ask(done -> store.cursor(PARTITION, done))).isEqualTo(chunk.end());
    assertThat(db.<CommitResult>ask(done -> store.commit(PARTITION, before, chunk, done)))
        .isEqualTo(new CursorMoved(chunk.end()));
    assertThat(db.number("SELECT COUNT(*) FROM sale_order")).isEqualTo(1);
  }

  @Test
  void announcedChunkIsWrittenBesideTheOneBeforeItAndCommittedInItsTurn() {
    MySqlOrderStore store = opened();
    commit(store, new ItemPublished(item(ITEM, 10), WARRANT, 100));
    Chunk first = chunk(cursor.position() + 1, batch++, accepted("u1", "k1", 1, 101));
    Chunk second = chunk(first.end().position() + 1, batch++, accepted("u2", "k2", 1, 102));
    Chunk third = chunk(second.end().position() + 1, batch++, accepted("u3", "k3", 1, 103));
    List<CommitResult> results = new ArrayList<>();
    long begun = db.number(STATEMENTS_OF_TRANSACTIONS);

    db.ask(
        (Completion<CommitResult> done) ->
            db.vertx.runOnContext(
                start -> {
                  commitInTurn(store, cursor, List.of(first, second, third), results, done);
                  store.announce(PARTITION, first.end(), second);
                  store.announce(PARTITION, second.end(), third);
                }));

    assertThat(results)
        .containsExactly(
            new Committed(first.end()), new Committed(second.end()), new Committed(third.end()));
    assertThat(db.<Cursor>ask(done -> store.cursor(PARTITION, done))).isEqualTo(third.end());
    assertThat(db.number("SELECT COUNT(*) FROM sale_order")).isEqualTo(3);
    assertThat(db.number("SELECT held FROM item_stock")).isEqualTo(3);
    assertThat(db.number(STATEMENTS_OF_TRANSACTIONS) - begun).isEqualTo(6); // and none in vain
  }

  @Test
  void announcedChunksWaitForTheirTurnWithoutAConnectionToSpare() {
    MySqlOrderStore store = opened();
    commit(store, new ItemPublished(item(ITEM, 10), WARRANT, 100));
    MySqlOrderStore narrow = db.narrowStore();
    Chunk first = chunk(cursor.position() + 1, batch++, accepted("u1", "k1", 1, 101));
    Chunk second = chunk(first.end().position() + 1, batch++, accepted("u2", "k2", 1, 102));
    List<CommitResult> results = new ArrayList<>();

    db.ask(
        (Completion<CommitResult> done) ->
            db.vertx.runOnContext(
                start -> {
                  commitInTurn(narrow, cursor, List.of(first, second), results, done);
                  narrow.announce(PARTITION, first.end(), second);
                }));

    assertThat(results).containsExactly(new Committed(first.end()), new Committed(second.end()));
    assertThat(db.number("SELECT COUNT(*) FROM sale_order")).isEqualTo(2);
  }

  @Test
  void announcedChunkThatNobodyAsksForIsUndone() {
    MySqlOrderStore store = opened();
    commit(store, new ItemPublished(item(ITEM, 10), WARRANT, 100));
    Chunk first = chunk(cursor.position() + 1, batch++, accepted("u1", "k1", 1, 101));
    Chunk second = chunk(first.end().position() + 1, batch++, accepted("u2", "k2", 1, 102));

    CommitResult result = commitAndAnnounce(store, first, second);

    assertThat(result).isEqualTo(new Committed(first.end()));
    MySqlOrderStore other = db.store(); // would wait for a lock in vain
    assertThat(db.<CommitResult>ask(done -> other.commit(PARTITION, first.end(), second, done)))
        .isEqualTo(new Committed(second.end()));
    assertThat(db.number("SELECT COUNT(*) FROM sale_order")).isEqualTo(2);
  }

  @Test
  void announcedChunkThatIsRefusedMeetsItsFateInItsOwnTurn() {
    MySqlOrderStore store = opened();
    commit(store, new ItemPublished(item(ITEM, 10), WARRANT, 100));
    Chunk first = chunk(cursor.position() + 1, batch++, accepted("u1", "k1", 1, 101));
    long nobody = PartitionMap.orderId(PARTITION, 1);
    Chunk second =
        chunk(
            first.end().position() + 1,
            batch++,
            new Released(nobody, ITEM, 0, ReleaseReason.CANCELLED, 102));

    CommitResult result = commitAndAnnounce(store, first, second);

    assertThat(result).isEqualTo(new Committed(first.end()));
    assertThat(db.<Cursor>ask(done -> store.cursor(PARTITION, done))).isEqualTo(first.end());
    assertThat(db.<CommitResult>ask(done -> store.commit(PARTITION, first.end(), second, done)))
        .isInstanceOf(Failed.class);
  }

  @Test
  void shakeThatIsInTwoChunksHaltsTheSecondAndStopsTheFirstForAMomentAtMost() {
    MySqlOrderStore store = opened();
    commit(store, new ItemPublished(item(ITEM, 10), WARRANT, 100));
    Chunk first = chunk(cursor.position() + 1, batch++, accepted("u1", "k1", 1, 101));
    Chunk twice = chunk(first.end().position() + 1, batch++, accepted("u1", "k1", 1, 102));

    CommitResult result = commitAndAnnounce(store, first, twice);
    if (result instanceof Transient) { // the second was faster, and in the way of the first
      assertThat(db.number("SELECT COUNT(*) FROM sale_order")).isZero();
      result = commitAndAnnounce(store, first, twice);
    }

    assertThat(result).isEqualTo(new Committed(first.end()));
    assertThat(db.<CommitResult>ask(done -> store.commit(PARTITION, first.end(), twice, done)))
        .isInstanceOf(Failed.class);
    assertThat(db.<Cursor>ask(done -> store.cursor(PARTITION, done))).isEqualTo(first.end());
    assertThat(db.number("SELECT COUNT(*) FROM sale_order")).isEqualTo(1);
  }

  @Test
  void rowsWrittenAheadWaitForTheirCursorAndAreGoneIfAnotherDrainMovedIt() {
    MySqlOrderStore store = opened();
    commit(store, new ItemPublished(item(ITEM, 10), WARRANT, 100));
    Chunk first = chunk(cursor.position() + 1, batch++, new Owned(2, "n", 1, 101));
    Chunk second = chunk(first.end().position() + 1, batch++, accepted("u2", "k2", 1, 102));
    MySqlLink other = db.link();
    long[] ahead = new long[1];

    CommitResult result =
        db.ask(
            (Completion<CommitResult> done) ->
                other
                    .lease()
                    .onSuccess(
                        rival ->
                            other
                                .run(
                                    rival,
                                    "START TRANSACTION; SELECT * FROM drain_cursor FOR UPDATE")
                                .onSuccess(
                                    locked -> {
                                      store.commit(PARTITION, cursor, first, done);
                                      store.announce(PARTITION, first.end(), second);
                                      db.vertx.setTimer(
                                          300, now -> drainAway(other, rival, first, ahead));
                                    })));

    assertThat(ahead[0]).isEqualTo(1);
    assertThat(result).isEqualTo(new CursorMoved(first.end()));
    assertThat(db.<CommitResult>ask(done -> store.commit(PARTITION, first.end(), second, done)))
        .isEqualTo(new Committed(second.end()));
    assertThat(db.number("SELECT COUNT(*) FROM sale_order")).isEqualTo(1);
    assertThat(db.number("SELECT held FROM item_stock")).isEqualTo(1);
  }

  /** As a rival that has the lock would; {@code ahead}: the orders that others have under way. */
  private static void drainAway(MySqlLink link, SqlConnection rival, Chunk chunk, long[] ahead) {
    link.run(
            rival,
            "UPDATE drain_cursor SET position = %d, batch = %s, batch_first = %d"
                .formatted(
                    chunk.end().position(),
                    Long.toUnsignedString(chunk.end().batch()),
                    chunk.end().first()))
        .compose(
            moved ->
                Future.fromCompletionStage(
                    CompletableFuture.supplyAsync(
                        () ->
                            db.run(
                                    "SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED;"
                                        + " SELECT COUNT(*) FROM sale_order")
                                .next()
                                .iterator()
                                .next()
                                .getLong(0))))
        .compose(
            found -> {
              ahead[0] = found;
              return link.run(rival, "COMMIT");
            })
        .onComplete(over -> rival.close());
  }

  @Test
  void lostReplyToACommitWithAChunkAheadIsUnknownAndOnlyTheCommitCounts() {
    int port = proxyThatClosesAtTheReplyTo("\3COMMIT");
    MySqlOrderStore store = opened();
    commit(store, new ItemPublished(item(ITEM, 10), WARRANT, 100));
    Chunk first = chunk(cursor.position() + 1, batch++, accepted("u1", "k1", 1, 101));
    Chunk second = chunk(first.end().position() + 1, batch++, accepted("u2", "k2", 1, 102));

    CommitResult result = commitAndAnnounce(db.storeAt(port), first, second);

    assertThat(result).isInstanceOf(Unknown.class);
    assertThat(db.<Cursor>ask(done -> store.cursor(PARTITION, done))).isEqualTo(first.end());
    assertThat(db.<CommitResult>ask(done -> store.commit(PARTITION, first.end(), second, done)))
        .isEqualTo(new Committed(second.end()));
    assertThat(db.number("SELECT COUNT(*) FROM sale_order")).isEqualTo(2);
  }

  @Test
  void connectionLostBeforeTheCommitIsTransient() {
    int port = proxyThatClosesAtTheReplyTo("INSERT INTO sale_order");
    MySqlOrderStore store = opened();
    commit(store, new ItemPublished(item(ITEM, 10), WARRANT, 100));
    Cursor before = cursor;
    Chunk chunk = chunk(before.position() + 1, batch++, accepted("u1", "k1", 1, 101));

    MySqlOrderStore far = db.storeAt(port);
    CommitResult result = db.ask(done -> far.commit(PARTITION, before, chunk, done));

    assertThat(result).isInstanceOf(Transient.class);
    assertThat(db.<CommitResult>ask(done -> store.commit(PARTITION, before, chunk, done)))
        .isEqualTo(new Committed(chunk.end()));
  }

  @Test
  void refusedConnectionsAreTransientAndSoonFailAtOnce() {
    MySqlOrderStore store = db.storeAt(1);
    Chunk chunk = chunk(1, 1, new Owned(1, "n", 1, 1));
    for (int i = 0; i < 3; i++) {
      db.ask(
          (stampede.protocol.port.Completion<CommitResult> done) ->
              store.commit(PARTITION, Cursor.START, chunk, done));
    }

    long begin = System.nanoTime();
    CommitResult result = db.ask(done -> store.commit(PARTITION, Cursor.START, chunk, done));

    assertThat(result).isInstanceOf(Transient.class);
    assertThat(((Transient) result).detail()).startsWith("MySQL is away: ");
    assertThat((System.nanoTime() - begin) / 1_000_000).isLessThan(500);
  }

  /** Commits each in the completion of the one before it, as the drain does. */
  private static void commitInTurn(
      MySqlOrderStore store,
      Cursor from,
      List<Chunk> chunks,
      List<CommitResult> results,
      Completion<CommitResult> last) {
    store.commit(
        PARTITION,
        from,
        chunks.get(0),
        (result, failure) -> {
          results.add(result);
          if (chunks.size() == 1) {
            last.done(result, failure);
          } else {
            List<Chunk> rest = chunks.subList(1, chunks.size());
            commitInTurn(store, chunks.get(0).end(), rest, results, last);
          }
        });
  }

  private CommitResult commitAndAnnounce(MySqlOrderStore store, Chunk chunk, Chunk next) {
    return db.ask(
        (Completion<CommitResult> done) ->
            db.vertx.runOnContext(
                start -> {
                  store.commit(PARTITION, cursor, chunk, done);
                  store.announce(PARTITION, chunk.end(), next);
                }));
  }

  /** A port that leads to the database until the reply to {@code statement} would come back. */
  private static int proxyThatClosesAtTheReplyTo(String statement) {
    NetClient client = db.vertx.createNetClient(); // one that nothing holds may be closed by the GC
    return Database.await(
            db.vertx
                .createNetServer()
                .connectHandler(
                    near -> {
                      boolean[] seen = new boolean[1];
                      near.pause();
                      client
                          .connect(db.port(), "127.0.0.1")
                          .onSuccess(
                              far -> {
                                near.handler(
                                    bytes -> {
                                      seen[0] |=
                                          bytes
                                              .toString(StandardCharsets.ISO_8859_1)
                                              .contains(statement);
                                      far.write(bytes);
                                    });
                                far.handler(
                                    bytes -> {
                                      if (seen[0]) {
                                        near.close();
                                        far.close();
                                      } else {
                                        near.write(bytes);
                                      }
                                    });
                                near.closeHandler(closed -> far.close());
                                near.resume();
                              })
                          .onFailure(refused -> near.close());
                    })
                .listen(0, "127.0.0.1"))
        .actualPort();
  }

  private static void killAllBut(MySqlLink link, SqlConnection holder) {
    link.run(
            holder,
            "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'stampede'"
                + " AND ID <> CONNECTION_ID()")
        .compose(
            rows -> {
              StringBuilder kills = new StringBuilder();
              rows.forEach(row -> kills.append("KILL ").append(row.getLong(0)).append("; "));
              return link.run(holder, kills + "ROLLBACK"); // last: what gets the lock goes on
            })
        .onComplete(killed -> holder.close());
  }

  private MySqlOrderStore opened() {
    MySqlOrderStore store = db.store();
    cursor = db.ask(done -> store.cursor(PARTITION, done));
    return store;
  }

  private CommitResult commit(MySqlOrderStore store, SaleEvent... events) {
    Chunk chunk = chunk(cursor.position() + 1, batch++, events);
    CommitResult result = db.ask(done -> store.commit(PARTITION, cursor, chunk, done));
    cursor = chunk.end();
    return result;
  }

  private Chunk chunk(long first, long batch, SaleEvent... events) {
    JournalEntry entry = JournalEntry.of(PARTITION, 1, first, batch, List.of(events));
    Chunk chunk = Chunk.of(PARTITION, List.of(entry), items);
    chunk.published().forEach(p -> items.put(p.item().item(), p.item()));
    return chunk;
  }

  private static List<Long> stock() {
    Row row = db.row("SELECT available, held, sold, stock, position FROM item_stock");
    List<Long> columns = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      columns.add(row.getLong(i));
    }
    return columns;
  }

  private static Accepted accepted(String user, String key, int quantity, long at) {
    return new Accepted(ITEM, Bytes.of(user), Bytes.of(key), quantity, at + 60_000, at);
  }

  private static SaleItem item(long id, long stock) {
    return new SaleItem(
        id,
        5,
        "it's 秒杀 \"x\"; 🧨",
        9_900,
        19_900,
        "CNY",
        1_000,
        2_000_000,
        stock,
        100,
        60_000,
        0,
        1_000_000,
        List.of(new SaleItem.Release(5_000, 5), new SaleItem.Release(6_000, 7)));
  }
}
