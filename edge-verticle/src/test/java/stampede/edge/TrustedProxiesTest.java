package stampede.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stampede.protocol.InvalidField;

class TrustedProxiesTest {
  @Test
  void ipv6CountsByItsNetworkAndIpv4ByItsAddress() {
    assertThat(TrustedProxies.number("2001:db8:1:2::1"))
        .isEqualTo(TrustedProxies.number("2001:db8:1:2:ffff::9"))
        .isNotEqualTo(TrustedProxies.number("2001:db8:1:3::1"));
    assertThat(TrustedProxies.number("203.0.113.7"))
        .isEqualTo(TrustedProxies.number("::ffff:203.0.113.7"))
        .isNotEqualTo(TrustedProxies.number("203.0.113.8"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.9.9.9", "::1", "", "unknown", "_hidden", "1.2.3"})
  void thisMachineAndWhatIsNoAddressHaveNone(String text) {
    assertThat(TrustedProxies.number(text)).isZero();
  }

  @Test
  void onlyNamedPeersAreBelieved() {
    TrustedProxies proxies = new TrustedProxies(List.of("10.1.0.0/16", "192.0.2.5", "fd00::/8"));

    assertThat(trusts(proxies, "10.1.200.3")).isTrue();
    assertThat(trusts(proxies, "10.2.0.1")).isFalse();
    assertThat(trusts(proxies, "192.0.2.5")).isTrue();
    assertThat(trusts(proxies, "192.0.2.6")).isFalse();
    assertThat(trusts(proxies, "fd12::1")).isTrue();
    assertThat(trusts(proxies, "fe80::1")).isFalse();
    assertThat(proxies.isTrusted(null)).isFalse();
  }

  @Test
  void ofAListOnlyTheNearestProxysWordCounts() {
    assertThat(TrustedProxies.told("203.0.113.7", "6.6.6.6")).isEqualTo("203.0.113.7");
    assertThat(TrustedProxies.number(TrustedProxies.told(null, "6.6.6.6, 203.0.113.7")))
        .isEqualTo(TrustedProxies.number("203.0.113.7"));
    assertThat(TrustedProxies.told(null, null)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"nginx", "10.0.0.0/33", "10.0.0.0/x", "10.0.0/8", ""})
  void whatIsNoAddressIsRefusedByName(String name) {
    assertThatThrownBy(() -> new TrustedProxies(List.of(name)))
        .isInstanceOf(InvalidField.class)
        .hasMessageContaining("trustedProxies");
  }

  private static boolean trusts(TrustedProxies proxies, String peer) {
    return proxies.isTrusted(TrustedProxies.bytes(peer));
  }
}
