package stampede.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import stampede.protocol.BatchReply.Answered;
import stampede.protocol.DrainStatus.Mode;
import stampede.protocol.SaleEvent.RefundReason;
import stampede.protocol.SaleEvent.ReleaseReason;

/** Bytes there and back for everything that is sent or kept, and what becomes of wrong bytes. */
class CodecTest {
  private static final long BIG = PartitionMap.orderId(PartitionMap.PARTITIONS_MAX - 1, 1L << 43);
  private static final Bytes USER = Bytes.of("u", new byte[] {0, -1, ' ', (byte) 0xc3, 'U'});
  private static final Bytes KEY = Bytes.of("k-1_A");
  private static final Warrant WARRANT = new Warrant("root", "weil ä 秒", Bytes.of("w-1"), true);
  private static final SaleItem ITEM =
      new SaleItem(
          1001,
          7,
          "龙井 \"茶\"",
          9_900,
          19_900,
          "CNY",
          1_800_000_000_000L,
          1_800_003_600_000L,
          500,
          2,
          900_000,
          5_000,
          250_000,
          List.of(new SaleItem.Release(1_800_000_060_000L, 100)));
  private static final SaleItem LIMITED =
      new SaleItem(
          1002, 7, "cup", 1, 2, "CNY", 5, 9, 500, 4, 900_000, 0, 1_000_000, List.of(), 2, 3, 4_000);
  private static final OrderFact ORDER =
      new OrderFact(
          BIG,
          1001,
          USER,
          KEY,
          2,
          9_900,
          "CNY",
          OrderStatus.RELEASED,
          11,
          12,
          0,
          Bytes.of("p"),
          13,
          "expired",
          14,
          Bytes.of("u2"),
          15);

  private static final SaleItem TO_CLAIM =
      new SaleItem(1002, 7, "t", 1, 1, "CNY", 5, 6, 7, 1, 1_000, 0, 0, List.of(), 0, 0, 60_000);

  private static final List<SaleEvent> EVENTS =
      List.of(
          new SaleEvent.Owned(3, "sale-1", -1, 10),
          new SaleEvent.ItemPublished(ITEM, WARRANT, 11),
          new SaleEvent.ItemOpened(1001, 12),
          new SaleEvent.ItemEnded(1001, 13),
          new SaleEvent.Accepted(1001, USER, KEY, 1_000, 99, 14),
          new SaleEvent.Paid(BIG, 1001, 2, Bytes.of("p"), 15),
          new SaleEvent.Released(BIG, 1001, 2, ReleaseReason.CANCELLED, 16),
          new SaleEvent.RefundDue(BIG, Bytes.of("p2"), RefundReason.EXTRA, 17),
          new SaleEvent.StockReleased(1001, 0, 100, 18),
          new SaleEvent.Steered(
              Steering.ADD_STOCK, 1001, 5, Bytes.EMPTY, WARRANT, "{\"stock\":1}", "{}", 19),
          new SaleEvent.ItemPublished(LIMITED, WARRANT, 20),
          new SaleEvent.ItemPublished(TO_CLAIM, WARRANT, 20),
          new SaleEvent.Claimed(BIG, 1002, 2, USER, 21),
          new SaleEvent.Released(BIG, 1002, 2, ReleaseReason.UNCLAIMED, 22),
          new SaleEvent.SessionArchived(7, List.of(1001L, 1002L), 23),
          new SaleEvent.Restated(
              List.of(USER, Bytes.of("u2")), List.of(new SaleEvent.Limit(3, 500)), 24),
          new SaleEvent.LogCut(1L << 43, 3, 25));

  private static final List<Command> COMMANDS =
      List.of(
          new Command.Shake(1001, USER, KEY, 3),
          new Command.AskResult(1001, USER, KEY),
          new Command.Cancel(BIG, USER),
          new Command.Pay(BIG, Bytes.of("p"), 19_800, "CNY"),
          new Command.FindOrder(BIG, Bytes.EMPTY),
          new Command.FindItem(-1),
          new Command.Publish(ITEM, WARRANT),
          new Command.Steer(Steering.BLOCK_USER, 0, 0, USER, WARRANT),
          new Command.Claim(BIG, USER, Bytes.of("device:1")),
          new Command.Archive(7, true));

  private static final List<Reply> REPLIES =
      List.of(
          Reply.Shaken.accepted(ORDER, 5, 6, true),
          new Reply.OrderIs(5, ORDER),
          new Reply.PaymentIs(5, "late_payment", ORDER),
          new Reply.ItemIs(
              5, 6, ITEM, ItemState.PAUSED, StockLevel.LOW, 10, 20, 470, 500, 250_000, 7_000, 0),
          new Reply.Steered(5, "{}", "{\"stock\":100}"),
          new Reply.Refused(5, "unknown_order", "order 7 does not exist"));

  private static final Hint HINT =
      new Hint(
          15,
          3,
          "sale-1",
          "sale.sale-1.abc",
          77,
          1_800_000_000_000L,
          true,
          "serving",
          -5,
          List.of(new Hint.Item(1001, ItemState.OPEN, StockLevel.PLENTY, 1_000_000, 5_000, 9, 0)),
          List.of(new Hint.Limit(3, 500), new Hint.Limit(15, 0)));

  private static final OrderNews NEWS =
      new OrderNews(List.of(new OrderNews.Change(BIG, 1001, USER, "paid", 44)));

  private static final DrainNews DRAINS =
      new DrainNews(
          "persist-1",
          1_800_000_000_000L,
          List.of(
              new DrainStatus(0, 0, 0, Mode.WAITING, "store: MySQL is away: 秒", 7, 0),
              new DrainStatus(
                  PartitionMap.PARTITIONS_MAX - 1, 1L << 43, -1, Mode.OK, "", 0, 86_400_000)));

  private static final ReconcileNews FOUND =
      new ReconcileNews(
          "persist-1",
          List.of(
              new ReconcileNews.Partition(0, 0, 0, 0, "no answer", 0, List.of()),
              new ReconcileNews.Partition(
                  PartitionMap.PARTITIONS_MAX - 1,
                  1L << 43,
                  7,
                  60_000,
                  "",
                  2,
                  List.of("order " + BIG, "stock of item 秒"))));

  @Test
  void examplesCoverEveryKind() {
    assertThat(kinds(EVENTS)).isEqualTo(permitted(SaleEvent.class));
    assertThat(kinds(COMMANDS)).isEqualTo(permitted(Command.class));
    assertThat(kinds(REPLIES)).isEqualTo(permitted(Reply.class));
  }

  @Test
  void everyEventComesBack() {
    assertThat(EventCodec.decode(EventCodec.encode(EVENTS), EVENTS.size())).isEqualTo(EVENTS);
    for (SaleEvent event : EVENTS) {
      JournalEntry entry = JournalEntry.of(3, 4, 5, 6, List.of(event));

      assertThat(entry.events()).containsExactly(event);
      assertThat(entry.last()).isEqualTo(5);
    }
  }

  @Test
  void everyCommandComesBack() {
    CommandBatch batch =
        new CommandBatch(15, 1L << 40, new Passage(Long.MAX_VALUE, 300, 299), COMMANDS);

    assertThat(CommandBatch.decode(batch.encode())).isEqualTo(batch);
  }

  @Test
  void everyReplyComesBack() {
    Answered answered = new Answered(REPLIES);

    BatchReply decoded = BatchReply.decode(answered.encode());

    assertThat(decoded.encode()).isEqualTo(answered.encode());
    assertThat(((Answered) decoded).replies().subList(1, REPLIES.size()))
        .isEqualTo(REPLIES.subList(1, REPLIES.size()));
    Reply.Shaken shaken = (Reply.Shaken) ((Answered) decoded).replies().get(0);
    assertThat(shaken.order()).isEqualTo(ORDER);
    assertThat(shaken.again()).isTrue();
  }

  @Test
  void everyOutcomeComesBackWithWhatBelongsToIt() {
    for (Outcome outcome : Outcome.values()) {
      Reply.Shaken sent =
          switch (outcome) {
            case ACCEPTED -> Reply.Shaken.accepted(ORDER, 5, 6, false);
            case LIMIT_REACHED -> Reply.Shaken.limitReached(new long[] {BIG, 2}, 5, 6);
            case NOT_OPEN -> Reply.Shaken.notOpen(1_800_000_000_000L, 5, 6);
            case INVALID -> Reply.Shaken.invalid("key_reused", "quantity must be 1", 5, 6);
            default -> Reply.Shaken.of(outcome, 5, 6);
          };

      BatchReply decoded = BatchReply.decode(new Answered(List.of(sent)).encode());

      assertThat(((Answered) decoded).replies().get(0)).usingRecursiveComparison().isEqualTo(sent);
    }
  }

  @Test
  void everyBatchReplyHintAndNewsComesBack() {
    List<BatchReply> batchReplies =
        List.of(
            new BatchReply.NotOwner(9, "sale-2", "sale.sale-2.x"),
            new BatchReply.Pending(),
            new BatchReply.Busy(250));
    for (BatchReply reply : batchReplies) {
      assertThat(BatchReply.decode(reply.encode())).isEqualTo(reply);
    }
    assertThat(Hint.decode(HINT.encode())).isEqualTo(HINT);
    assertThat(Hint.decodeAll(Hint.encodeAll(List.of(HINT, HINT)))).containsExactly(HINT, HINT);
    assertThat(OrderNews.decode(NEWS.encode())).isEqualTo(NEWS);
    assertThat(DrainNews.decode(DRAINS.encode())).isEqualTo(DRAINS);
    assertThat(ReconcileNews.decode(FOUND.encode())).isEqualTo(FOUND);
  }

  @Test
  void longErrorIsCutSoThatTheNewsOfItCanBeRead() {
    String error = "秒".repeat(Words.CHARS_MAX);
    DrainNews news =
        new DrainNews(
            "p", 1, List.of(new DrainStatus(1, 2, 3, Mode.HALTED, error + " and more", 5, 6)));

    assertThat(DrainNews.decode(news.encode()).drains())
        .containsExactly(new DrainStatus(1, 2, 3, Mode.HALTED, error, 5, 6));
    ReconcileNews found =
        new ReconcileNews(
            "p",
            List.of(new ReconcileNews.Partition(1, 2, 3, 4, error + " and more", 0, List.of())));
    assertThat(ReconcileNews.decode(found.encode()).partitions())
        .containsExactly(new ReconcileNews.Partition(1, 2, 3, 4, error, 0, List.of()));
  }

  @Test
  void drainsOfNoPartitionAndUnknownModesAreCorrupt() {
    for (DrainStatus.Mode mode : Mode.values()) {
      DrainStatus status = new DrainStatus(5, 2, 3, mode, "", 5, 6);
      assertThat(DrainNews.decode(new DrainNews("p", 1, List.of(status)).encode()).drains())
          .containsExactly(status);
    }
    DrainStatus outside = new DrainStatus(PartitionMap.PARTITIONS_MAX, 2, 3, Mode.OK, "", 0, 0);
    byte[] unknown =
        new DrainNews("p", 1, List.of(new DrainStatus(5, 2, 3, Mode.OK, "", 0, 0))).encode();
    unknown[7] = (byte) Mode.values().length;

    assertThatThrownBy(() -> DrainNews.decode(new DrainNews("p", 1, List.of(outside)).encode()))
        .isInstanceOf(CorruptRecord.class);
    assertThatThrownBy(() -> DrainNews.decode(unknown))
        .isInstanceOf(CorruptRecord.class)
        .hasMessage("drain mode 4 does not exist");
    assertThatThrownBy(() -> DrainNews.decode("[]".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(CorruptRecord.class);
  }

  @Test
  void everySingleByteThatIsWrongIsNoticed() {
    JournalEntry entry = JournalEntry.of(3, 4, 5, 6, EVENTS);
    for (int i = 0; i < entry.payload().length; i++) {
      for (int bits : new int[] {0x01, 0x80, 0xff}) {
        byte[] payload = entry.payload().clone();
        payload[i] ^= (byte) bits;

        assertThatThrownBy(with(entry, payload)::events)
            .as("byte %d ^ %x", i, bits)
            .isInstanceOf(CorruptRecord.class);
      }
    }
  }

  @Test
  void everyTruncationIsNoticed() {
    JournalEntry entry = JournalEntry.of(3, 4, 5, 6, EVENTS);
    for (int length = 0; length < entry.payload().length; length++) {
      byte[] shorter = Arrays.copyOf(entry.payload(), length);

      assertThatThrownBy(with(entry, shorter)::events).isInstanceOf(CorruptRecord.class);
      assertThatThrownBy(() -> EventCodec.decode(shorter, EVENTS.size()))
          .isInstanceOf(CorruptRecord.class);
    }
  }

  @Test
  void anEntryThatWasMovedOrMixedUpIsNoticed() {
    JournalEntry e = JournalEntry.of(3, 4, 5, 6, EVENTS);
    List<JournalEntry> wrong =
        List.of(
            new JournalEntry(2, 4, 5, e.count(), 6, e.payload(), e.crc()),
            new JournalEntry(3, 5, 5, e.count(), 6, e.payload(), e.crc()),
            new JournalEntry(3, 4, 6, e.count(), 6, e.payload(), e.crc()),
            new JournalEntry(3, 4, 5, e.count() - 1, 6, e.payload(), e.crc()),
            new JournalEntry(3, 4, 5, 0, 6, e.payload(), e.crc()),
            new JournalEntry(3, 4, 5, -1, 6, e.payload(), e.crc()),
            new JournalEntry(3, 4, 5, e.count(), 7, e.payload(), e.crc()),
            new JournalEntry(3, 4, 5, e.count(), 6, e.payload(), e.crc() + 1));
    for (JournalEntry entry : wrong) {
      assertThatThrownBy(entry::events).isInstanceOf(CorruptRecord.class);
    }
  }

  @Test
  void aNewerVersionIsCalledNewer() {
    byte[] payload = EventCodec.encode(EVENTS);
    payload[0] = EventCodec.VERSION + 1;

    assertThatThrownBy(() -> EventCodec.decode(payload, EVENTS.size()))
        .isInstanceOf(NewerRecord.class)
        .hasMessageContaining("upgrade this node");

    payload[0] = 0;
    assertThatThrownBy(() -> EventCodec.decode(payload, EVENTS.size()))
        .isInstanceOf(CorruptRecord.class)
        .isNotInstanceOf(NewerRecord.class);
  }

  /** So that a node of before goes on as long as nothing new is in its log. */
  @Test
  void onlyWhatNeedsTheNewVersionIsWrittenInIt() {
    for (SaleEvent event : EVENTS) {
      int fromTheEnd = EVENTS.size() - EVENTS.indexOf(event);
      int version = fromTheEnd <= 3 ? 3 : fromTheEnd <= 7 ? 2 : 1;

      assertThat(EventCodec.encode(List.of(event))[0]).as("%s", event).isEqualTo((byte) version);
    }
    assertThat(EventCodec.encode(EVENTS)[0]).isEqualTo((byte) EventCodec.VERSION);
  }

  @Test
  void claimsAreOfUsersFromDevices() {
    Bytes device = Bytes.of("device:1");

    assertThatThrownBy(() -> new Command.Claim(1, device, device)).isInstanceOf(InvalidField.class);
    assertThatThrownBy(() -> new Command.Claim(1, USER, USER)).isInstanceOf(InvalidField.class);
    assertThat(Devices.isDevice(Bytes.of("device:"))).isFalse();
    assertThat(Devices.isDevice(Bytes.of("Device:1"))).isFalse();
  }

  @Test
  void randomBytesAreOnlyEverCorrupt() {
    long seed = Long.getLong("codec.seed", 20_260_101L);
    Random random = new Random(seed);
    for (int i = 0; i < 100_000; i++) {
      byte[] bytes = new byte[random.nextInt(120)];
      random.nextBytes(bytes);
      if (bytes.length > 2 && random.nextBoolean()) {
        bytes[0] =
            (byte) (1 + random.nextInt(EventCodec.VERSION + 1)); // reach beyond the first byte
        bytes[1] = (byte) random.nextInt(16);
      }
      decodeAll(bytes, seed, i);
    }
  }

  @Test
  void damagedRecordsAreOnlyEverCorruptOrAnotherRecord() {
    long seed = Long.getLong("codec.seed", 20_260_102L);
    Random random = new Random(seed);
    List<byte[]> whole =
        List.of(
            EventCodec.encode(EVENTS),
            new CommandBatch(1, 2, new Passage(3, 5, 4), COMMANDS).encode(),
            new Answered(REPLIES).encode(),
            HINT.encode(),
            Hint.encodeAll(List.of(HINT)),
            NEWS.encode(),
            DRAINS.encode(),
            FOUND.encode());
    for (int i = 0; i < 100_000; i++) {
      byte[] bytes = whole.get(i % whole.size()).clone();
      for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      decodeAll(bytes, seed, i);
    }
  }

  private static void decodeAll(byte[] bytes, long seed, int input) {
    List<Consumer<byte[]>> decoders =
        List.of(
            b -> EventCodec.decode(b, EVENTS.size()),
            CommandBatch::decode,
            BatchReply::decode,
            Hint::decode,
            Hint::decodeAll,
            SoldOutQuery::decode,
            SoldOutQuery.Answer::decode,
            OrderNews::decode,
            DrainNews::decode,
            ReconcileNews::decode);
    for (int i = 0; i < decoders.size(); i++) {
      try {
        decoders.get(i).accept(bytes);
      } catch (CorruptRecord expected) {
        assertThat(expected).hasMessageMatching("(?s).+");
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ", input " + input + ", decoder " + i, e);
      }
    }
  }

  private static JournalEntry with(JournalEntry e, byte[] payload) {
    return new JournalEntry(
        e.partition(), e.epoch(), e.first(), e.count(), e.batch(), payload, e.crc());
  }

  private static Set<Class<?>> kinds(List<?> examples) {
    return examples.stream().map(Object::getClass).collect(Collectors.toSet());
  }

  private static Set<Class<?>> permitted(Class<?> sealed) {
    return new HashSet<>(Arrays.asList(sealed.getPermittedSubclasses()));
  }
}
