package stampede.edge.admission;

import stampede.protocol.Bytes;

/**
 * Who shakes, and from where.
 *
 * @param network the address as a number, of IPv6 the first 64 bits; 0 = not known, or exempt
 */
public record Visitor(Bytes user, long network) {
  public static final long UNKNOWN_NETWORK = 0;
}
