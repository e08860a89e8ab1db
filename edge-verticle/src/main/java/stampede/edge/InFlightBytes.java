package stampede.edge;

import java.util.HashMap;
import java.util.Map;
import stampede.protocol.Command;
import stampede.protocol.Command.AskResult;
import stampede.protocol.Command.Publish;
import stampede.protocol.Command.Shake;
import stampede.protocol.Command.Steer;

/**
 * What is on its way to each owner. The event bus has no back-pressure between nodes: without this
 * bound a slow owner's messages would pile up in this node's memory.
 */
final class InFlightBytes {
  private final int bytesMax;
  private final Runnable onRoom;
  private final Map<String, Integer> byAddress = new HashMap<>();
  private boolean refused;

  /**
   * @param onRoom called when there is room again after {@link #admit} said no
   */
  InFlightBytes(int bytesMax, Runnable onRoom) {
    this.bytesMax = bytesMax;
    this.onRoom = onRoom;
  }

  /**
   * Whether {@code bytes} more may go there now. To an owner with nothing on its way they always
   * may, so that a command larger than the bound is not stuck.
   */
  boolean admit(String address, int bytes) {
    Integer underWay = byAddress.get(address);
    boolean admitted = underWay == null || underWay + bytes <= bytesMax;
    refused |= !admitted;
    return admitted;
  }

  void add(String address, int bytes) {
    byAddress.merge(address, bytes, Integer::sum);
  }

  void remove(String address, int bytes) {
    byAddress.computeIfPresent(address, (a, sum) -> sum == bytes ? null : sum - bytes);
    if (refused) {
      refused = false;
      onRoom.run();
    }
  }

  /** An upper bound of the encoded size. */
  static int atMost(Command command) {
    if (command instanceof Shake shake) {
      return 16 + shake.user().length() + shake.key().length();
    } else if (command instanceof AskResult ask) {
      return 16 + ask.user().length() + ask.key().length();
    } else if (command instanceof Publish || command instanceof Steer) {
      return 8_192;
    } else {
      return 256;
    }
  }
}
