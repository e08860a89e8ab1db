package stampede.protocol;

import java.util.ArrayList;
import java.util.List;
import stampede.protocol.Command.Archive;
import stampede.protocol.Command.AskResult;
import stampede.protocol.Command.Cancel;
import stampede.protocol.Command.Claim;
import stampede.protocol.Command.FindItem;
import stampede.protocol.Command.FindOrder;
import stampede.protocol.Command.Pay;
import stampede.protocol.Command.Publish;
import stampede.protocol.Command.Shake;
import stampede.protocol.Command.Steer;

/**
 * Commands of one edge for one partition, decided in this order. {@code epoch} is the one the edge
 * believes in.
 */
public record CommandBatch(int partition, long epoch, Passage passage, List<Command> commands) {
  private static final int SHAKE = 1;
  private static final int ASK_RESULT = 2;
  private static final int CANCEL = 3;
  private static final int PAY = 4;
  private static final int FIND_ORDER = 5;
  private static final int FIND_ITEM = 6;
  private static final int PUBLISH = 7;
  private static final int STEER = 8;
  private static final int CLAIM = 10;
  private static final int ARCHIVE = 11;

  /** An item that has more members than {@link #PUBLISH} tells of. */
  private static final int PUBLISH_MORE = 9;

  /** Of nobody: it is decided whenever it comes. */
  public CommandBatch(int partition, long epoch, List<Command> commands) {
    this(partition, epoch, Passage.NONE, commands);
  }

  public byte[] encode() {
    ByteWriter out = new ByteWriter(48 + 48 * commands.size());
    out.varint(partition);
    out.varint(epoch);
    passage.write(out);
    out.varint(commands.size());
    for (Command command : commands) {
      write(command, out);
    }
    return out.toByteArray();
  }

  /**
   * @throws CorruptRecord if the bytes are no batch
   */
  public static CommandBatch decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    try {
      int partition = in.count(PartitionMap.PARTITIONS_MAX - 1);
      long epoch = in.varint();
      Passage passage = Passage.read(in);
      int count = in.count(Limits.BATCH_COMMANDS_MAX);
      List<Command> commands = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        commands.add(read(in));
      }
      in.expectEnd();
      return new CommandBatch(partition, epoch, passage, commands);
    } catch (InvalidField e) {
      throw new CorruptRecord("a command with an impossible value: " + e.getMessage());
    }
  }

  private static void write(Command command, ByteWriter out) {
    if (command instanceof Shake c) {
      out.u8(SHAKE);
      out.varint(c.item());
      out.bytes(c.user());
      out.bytes(c.key());
      out.varint(c.quantity());
    } else if (command instanceof AskResult c) {
      out.u8(ASK_RESULT);
      out.varint(c.item());
      out.bytes(c.user());
      out.bytes(c.key());
    } else if (command instanceof Cancel c) {
      out.u8(CANCEL);
      out.varint(c.order());
      out.bytes(c.user());
    } else if (command instanceof Pay c) {
      out.u8(PAY);
      out.varint(c.order());
      out.bytes(c.payment());
      out.varint(c.amount());
      out.text(c.currency());
    } else if (command instanceof FindOrder c) {
      out.u8(FIND_ORDER);
      out.varint(c.order());
      out.bytes(c.user());
    } else if (command instanceof FindItem c) {
      out.u8(FIND_ITEM);
      out.varint(c.item());
    } else if (command instanceof Publish c) {
      out.u8(EventCodec.hasMore(c.item()) ? PUBLISH_MORE : PUBLISH);
      EventCodec.writeItem(c.item(), out);
      EventCodec.writeWarrant(c.warrant(), out);
    } else if (command instanceof Steer c) {
      out.u8(STEER);
      out.u8(c.steering().code());
      out.varint(c.subject());
      out.varint(c.value());
      out.bytes(c.user());
      EventCodec.writeWarrant(c.warrant(), out);
    } else if (command instanceof Claim c) {
      out.u8(CLAIM);
      out.varint(c.order());
      out.bytes(c.user());
      out.bytes(c.device());
    } else if (command instanceof Archive c) {
      out.u8(ARCHIVE);
      out.varint(c.session());
      out.u8(c.early() ? 1 : 0);
    } else {
      throw new AssertionError(command);
    }
  }

  private static Command read(ByteReader in) {
    int type = in.u8();
    return switch (type) {
      case SHAKE -> new Shake(in.varint(), in.bytes(), in.bytes(), in.count(Limits.QUANTITY_MAX));
      case ASK_RESULT -> new AskResult(in.varint(), in.bytes(), in.bytes());
      case CANCEL -> new Cancel(in.varint(), in.bytes());
      case PAY -> new Pay(in.varint(), in.bytes(), in.varint(), in.text(64));
      case FIND_ORDER -> new FindOrder(in.varint(), in.bytes());
      case FIND_ITEM -> new FindItem(in.varint());
      case PUBLISH -> new Publish(EventCodec.readItem(in, false), EventCodec.readWarrant(in));
      case PUBLISH_MORE -> new Publish(EventCodec.readItem(in, true), EventCodec.readWarrant(in));
      case STEER ->
          new Steer(
              Steering.ofCode(in.u8()),
              in.varint(),
              in.varint(),
              in.bytes(),
              EventCodec.readWarrant(in));
      case CLAIM -> new Claim(in.varint(), in.bytes(), in.bytes());
      case ARCHIVE -> new Archive(in.varint(), in.u8() == 1);
      default -> throw new CorruptRecord("command type " + type + " does not exist");
    };
  }
}
