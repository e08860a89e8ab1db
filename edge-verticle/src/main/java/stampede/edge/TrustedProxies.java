package stampede.edge;

import io.netty.util.NetUtil;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stampede.protocol.InvalidField;

/**
 * Where a request comes from. A header is believed only if the peer is one of the named proxies:
 * anybody can write one. Without such a proxy no shopper has an address, since all come from the
 * same one, and nobody on this machine has.
 */
final class TrustedProxies {
  private static final String REAL_IP = "X-Real-IP";
  private static final String FORWARDED_FOR = "X-Forwarded-For";
  private static final int IPV4_BYTES = 4;
  private static final int IPV6_PREFIX_BYTES = 8;

  /** No network of IPv6 begins like this, so the two kinds don't meet. */
  private static final long IPV4 = 0xFFFFL << 32;

  private record Network(byte[] address, int bits) {
    boolean holds(byte[] other) {
      boolean same = address.length == other.length;
      for (int bit = 0; same && bit < bits; bit++) {
        int mask = 0x80 >> (bit & 7);
        same = (address[bit >> 3] & mask) == (other[bit >> 3] & mask);
      }
      return same;
    }
  }

  private final List<Network> networks = new ArrayList<>();

  /**
   * @param names addresses, or networks such as {@code 10.0.0.0/8}
   * @throws InvalidField naming what is neither
   */
  TrustedProxies(List<String> names) {
    for (String name : names) {
      networks.add(network(name));
    }
  }

  /**
   * The shopper's address as a number, of IPv6 the first 64 bits, since a household has that many
   * and more; 0 = not known, or of this machine.
   */
  long network(HttpServerRequest request) {
    if (networks.isEmpty()) {
      return 0;
    }
    String peer = request.remoteAddress() == null ? null : request.remoteAddress().hostAddress();
    return isTrusted(bytes(peer))
        ? number(told(request.getHeader(REAL_IP), request.getHeader(FORWARDED_FOR)))
        : 0;
  }

  /** What the nearest proxy says: of a list the last, the others are hearsay. */
  static @Nullable String told(@Nullable String realIp, @Nullable String forwardedFor) {
    if (realIp != null || forwardedFor == null) {
      return realIp;
    }
    return forwardedFor.substring(forwardedFor.lastIndexOf(',') + 1);
  }

  boolean isTrusted(byte @Nullable [] peer) {
    return peer != null && networks.stream().anyMatch(network -> network.holds(peer));
  }

  static long number(@Nullable String address) {
    byte[] bytes = bytes(address);
    if (bytes == null || isLoopback(bytes)) {
      return 0;
    }
    long number = 0;
    int length = bytes.length == IPV4_BYTES ? IPV4_BYTES : IPV6_PREFIX_BYTES;
    for (int i = 0; i < length; i++) {
      number = number << 8 | bytes[i] & 0xff;
    }
    return length == IPV4_BYTES ? IPV4 | number : number;
  }

  /** Null = no address. An IPv4 address in the clothes of IPv6 is one of IPv4. */
  static byte @Nullable [] bytes(@Nullable String address) {
    byte[] bytes =
        address == null ? null : NetUtil.createByteArrayFromIpAddressString(address.strip());
    if (bytes == null || bytes.length == IPV4_BYTES) {
      return bytes;
    }
    boolean mapped = bytes[10] == -1 && bytes[11] == -1;
    for (int i = 0; i < 10; i++) {
      mapped &= bytes[i] == 0;
    }
    return mapped ? new byte[] {bytes[12], bytes[13], bytes[14], bytes[15]} : bytes;
  }

  private static boolean isLoopback(byte[] bytes) {
    if (bytes.length == IPV4_BYTES) {
      return bytes[0] == 127;
    }
    int sum = 0;
    for (int i = 0; i < bytes.length - 1; i++) {
      sum |= bytes[i];
    }
    return sum == 0 && bytes[bytes.length - 1] == 1;
  }

  private static Network network(String name) {
    int slash = name.indexOf('/');
    byte[] address = bytes(slash < 0 ? name : name.substring(0, slash));
    if (address != null) {
      int bits = slash < 0 ? 8 * address.length : bits(name.substring(slash + 1));
      if (bits >= 0 && bits <= 8 * address.length) {
        return new Network(address, bits);
      }
    }
    throw new InvalidField(
        "trustedProxies", "must be addresses or networks such as 10.0.0.0/8, has " + name);
  }

  private static int bits(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
