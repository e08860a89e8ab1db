package stampede.sale;

/**
 * What commands cost this node's event loop: reading a batch, deciding on it, writing its answer.
 * Not what the journal takes: that is Redis' time. Belongs to the event loop.
 */
final class Cost {
  private long commands;
  private long busyNanos;

  void add(int commands, long nanos) {
    this.commands += commands;
    busyNanos += nanos;
  }

  long commands() {
    return commands;
  }

  long busyNanos() {
    return busyNanos;
  }
}
