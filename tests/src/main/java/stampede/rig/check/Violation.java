package stampede.rig.check;

/**
 * A rule that does not hold.
 *
 * @param rule {@code S1} … {@code S12}, {@code L1} … {@code L5}
 * @param partition −1 = not of one partition
 * @param position of the log; −1 = not at one position
 * @param key user/item/key; empty = not of one key
 */
public record Violation(String rule, int partition, long position, String key, String problem) {
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder(rule);
    if (partition >= 0) {
      out.append(" partition ").append(partition);
    }
    if (position >= 0) {
      out.append(" position ").append(position);
    }
    if (!key.isEmpty()) {
      out.append(" key ").append(key);
    }
    return out.append(": ").append(problem).toString();
  }
}
