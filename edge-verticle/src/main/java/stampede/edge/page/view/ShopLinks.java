package stampede.edge.page.view;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import stampede.protocol.InvalidField;

/**
 * Where pages send people to: places of the shop's own.
 *
 * @param signInUrl with {@code {page}} where the address to come back to goes; empty = none
 * @param payUrl with {@code {order}} where the order goes; empty = none
 * @param devLogin pages offer {@code /dev/login}
 */
public record ShopLinks(String signInUrl, String payUrl, boolean devLogin) {
  public static final ShopLinks NONE = new ShopLinks("", "", false);

  private static final String ORDER = "{order}";

  public ShopLinks {
    requirePlace("signInUrl", signInUrl);
    requirePlace("payUrl", payUrl);
    if (!payUrl.isEmpty() && !payUrl.contains(ORDER)) {
      throw new InvalidField("payUrl", "must have {order} where the order goes");
    }
  }

  /** No script and no data may pass for a place. */
  private static void requirePlace(String field, String url) {
    boolean good = url.isEmpty() || url.matches("(https?://[^\\s/]|/(?!/))\\S*");
    if (!good) {
      throw new InvalidField(field, "must begin with https://, http:// or /, is " + url);
    }
  }

  /** Null if the shop has told no such place. */
  @Nullable String toPay(long order) {
    return payUrl.isEmpty() ? null : payUrl.replace(ORDER, Long.toString(order));
  }

  @Nullable String toSignIn(String path) {
    String page = URLEncoder.encode(path, StandardCharsets.UTF_8);
    return signInUrl.isEmpty() ? null : signInUrl.replace("{page}", page);
  }
}
