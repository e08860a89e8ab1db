package stampede.edge.admission;

/** One question at the door. Asking changes nothing that a later answer depends on. */
@FunctionalInterface
interface Rule {
  /** Let in, as far as this rule goes. */
  long GO_ON = -1;

  /** {@link #GO_ON}, or after how many milliseconds to come again; 0 = waiting does not help. */
  long waitMs(Attempt attempt);
}
