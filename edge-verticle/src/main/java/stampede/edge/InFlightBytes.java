package stampede.edge;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import stampede.protocol.Command;
import stampede.protocol.Command.AskResult;
import stampede.protocol.Command.Publish;
import stampede.protocol.Command.Shake;
import stampede.protocol.Command.Steer;

/**
 * What is on its way to each owner. The event bus has no back-pressure between nodes: without this
 * bound a slow owner's messages would pile up in this node's memory.
 *
 * <p>A message without an answer in time may still sit in the bus's queue for that owner, which is
 * not emptied while the owner is frozen. So it goes on counting until the owner answers a later
 * one: one address is one connection, and what was sent before has left the queue by then. When
 * that leaves no room, a {@link #startProbe probe} of a few bytes finds out whether the owner is
 * back.
 */
final class InFlightBytes {
  private static final int ADDRESSES_MAX = 256;

  private final int bytesMax;
  private final Runnable onRoom;
  private final Map<String, Link> links = new LinkedHashMap<>();
  private boolean anyFull;

  private static final class Link {
    int underWay;
    int inDoubt;
    boolean full;
    boolean probing;
  }

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
    Link link = links.get(address);
    long before = link == null ? 0 : (long) link.underWay + link.inDoubt;
    if (before == 0 || before + bytes <= bytesMax) {
      return true;
    }
    link.full = true;
    anyFull = true;
    return false;
  }

  void add(String address, int bytes) {
    link(address).underWay += bytes;
  }

  /** The owner answered: this message, and every earlier one, is no longer in the queue. */
  void answered(String address, int bytes) {
    Link link = link(address);
    link.underWay -= bytes;
    link.inDoubt = 0;
    changed(link);
  }

  /** No answer in time: it may be in the queue still. */
  void unanswered(String address, int bytes) {
    Link link = link(address);
    link.underWay -= bytes;
    link.inDoubt += bytes;
    changed(link);
  }

  /**
   * True when all room is taken by what was never answered and nobody probes: then the caller sends
   * a message of a few bytes and says {@link #probed} within bounded time.
   */
  boolean startProbe(String address) {
    Link link = links.get(address);
    if (link == null || !link.full || link.probing || link.underWay > 0) {
      return false;
    }
    link.probing = true;
    return true;
  }

  void probed(String address, boolean answered) {
    Link link = link(address);
    link.probing = false;
    if (answered) {
      link.inDoubt = 0;
    }
    changed(link);
  }

  private void changed(Link link) {
    link.full = false;
    if (anyFull) {
      anyFull = false;
      onRoom.run();
    }
  }

  private Link link(String address) {
    Link link = links.get(address);
    if (link == null) {
      forgetGone();
      link = new Link();
      links.put(address, link);
    }
    return link;
  }

  /** An address is of one start of a node: those of earlier starts are never heard of again. */
  private void forgetGone() {
    Iterator<Link> oldest = links.values().iterator();
    while (links.size() >= ADDRESSES_MAX && oldest.hasNext()) {
      Link link = oldest.next();
      if (link.underWay == 0 && !link.probing) {
        oldest.remove();
      }
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
