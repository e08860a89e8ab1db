package stampede.standalone.verdict;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import stampede.standalone.crowd.KeyHistory;
import stampede.standalone.crowd.UserHistory;
import stampede.standalone.verdict.Books.OrderRow;
import stampede.standalone.verdict.Books.StockRow;

/**
 * The rules of the verdict, each a method that returns its count and notes what it found. Pure;
 * used once.
 *
 * <p>What it finds is told in words, at most {@value #PROBLEMS_MAX} of a kind.
 */
final class Audit {
  private static final int PROBLEMS_MAX = 5;

  private record UserKey(String user, String key) {}

  private final List<UserHistory> users;
  private final List<OrderRow> orders;
  private final Map<UserKey, KeyHistory> told = new HashMap<>();
  private final List<String> problems = new ArrayList<>();

  Audit(List<UserHistory> users, List<OrderRow> orders) {
    this.users = users;
    this.orders = orders;
    users.forEach(
        user -> user.keys().forEach(key -> told.put(new UserKey(user.user(), key.key()), key)));
  }

  List<String> problems() {
    return problems;
  }

  /** Accepted keys without a row that has the same order id, user, key and quantity. */
  long lost() {
    Map<String, OrderRow> byId = new HashMap<>();
    orders.forEach(order -> byId.put(order.orderId(), order));
    Findings lost = new Findings("lost");
    told.forEach(
        (at, key) -> {
          if (key.accepted()
              && key.orders().stream().noneMatch(id -> matches(byId.get(id), at, key))) {
            lost.add(
                1,
                at
                    + " was told order "
                    + key.orders()
                    + ", found "
                    + key.orders().stream().map(byId::get).toList());
          }
        });
    return lost.total;
  }

  private static boolean matches(
      @org.jspecify.annotations.Nullable OrderRow row, UserKey at, KeyHistory key) {
    return row != null
        && row.user().equals(at.user())
        && row.key().equals(at.key())
        && row.quantity() == key.quantity();
  }

  /**
   * Orders too many for one user and key, order ids used twice, and different order ids told for
   * one key.
   */
  long duplicates() {
    Findings duplicates = new Findings("duplicate");
    Set<UserKey> keys = new HashSet<>();
    Set<String> ids = new HashSet<>();
    for (OrderRow order : orders) {
      boolean newKey = keys.add(new UserKey(order.user(), order.key()));
      boolean newId = ids.add(order.orderId());
      if (!newKey || !newId) {
        duplicates.add(1, "a second row for its key or id: " + order);
      }
    }
    told.forEach(
        (at, key) -> {
          if (key.orders().size() > 1) {
            duplicates.add(key.orders().size() - 1L, at + " was told the orders " + key.orders());
          }
        });
    return duplicates.total;
  }

  /** Keys still without an answer after they were asked for. */
  long unanswered() {
    Findings open = new Findings("unanswered");
    told.forEach(
        (at, key) -> {
          if (key.open()) {
            open.add(
                1, at + " was sent " + key.framesSent() + " times, last heard: " + key.outcome());
          }
        });
    return open.total;
  }

  /** Units in orders beyond the stock. */
  long oversold(StockRow stock) {
    long units = Math.max(units("held") + units("paid"), stock.held() + stock.sold());
    return Math.max(0, units - stock.stock());
  }

  /**
   * Units left though somebody was sent away: units that were never in an order (released ones may
   * have come back after the last refusal) and users whose last word from the owner is sold_out,
   * whichever are fewer.
   */
  long undersold(StockRow stock) {
    long neverSold = Math.max(0, stock.available() - units("released"));
    long sentAway = users.stream().filter(Audit::lastToldSoldOut).count();
    return Math.min(neverSold, sentAway);
  }

  private static boolean lastToldSoldOut(UserHistory user) {
    return user.keys().stream()
        .filter(KeyHistory::ownerMade)
        .max(Comparator.comparingLong(KeyHistory::position))
        .filter(last -> "sold_out".equals(last.outcome()))
        .isPresent();
  }

  /** Notes where the stock row does not add up, in itself or with the orders. */
  void noteStock(StockRow stock) {
    Findings unequal = new Findings("stock");
    if (stock.available() < 0 || stock.held() < 0 || stock.sold() < 0) {
      unequal.add(1, "a negative number in " + stock);
    }
    if (stock.available() + stock.held() + stock.sold() != stock.stock()) {
      unequal.add(1, "available + held + sold is not the stock in " + stock);
    }
    if (stock.held() != units("held") || stock.sold() != units("paid")) {
      unequal.add(
          1,
          "orders have "
              + units("held")
              + " units held and "
              + units("paid")
              + " paid, the stock row is "
              + stock);
    }
    long last = orders.stream().mapToLong(OrderRow::position).max().orElse(0);
    if (stock.position() < last) {
      unequal.add(1, "the stock row is older than the order at position " + last + ": " + stock);
    }
  }

  /**
   * Notes orders nobody asked for, and orders whose owner was finally told no.
   *
   * @param alone false: orders of users that are not of this crowd are somebody else's
   */
  void noteOrders(boolean alone) {
    Set<String> crowd = users.stream().map(UserHistory::user).collect(Collectors.toSet());
    Findings phantom = new Findings("order nobody sent");
    Findings denied = new Findings("winner told no");
    Findings state = new Findings("unknown status");
    for (OrderRow order : orders) {
      KeyHistory key = told.get(new UserKey(order.user(), order.key()));
      if (!Set.of("held", "paid", "released").contains(order.status())) {
        state.add(1, order.toString());
      }
      if (!alone && !crowd.contains(order.user())) {
        continue;
      }
      if (key == null || key.framesSent() == 0) {
        phantom.add(1, order.toString());
      } else if (!key.accepted() && !key.open()) {
        denied.add(1, key.outcome() + " at position " + key.position() + " for " + order);
      }
    }
  }

  /** Notes users with more units than the limit allows. */
  void noteLimit(int limitPerUser) {
    Map<String, Long> units = new HashMap<>();
    orders.stream()
        .filter(order -> !order.released())
        .forEach(order -> units.merge(order.user(), (long) order.quantity(), Long::sum));
    Findings above = new Findings("above the limit of " + limitPerUser);
    units.forEach(
        (user, count) -> {
          if (count > limitPerUser) {
            above.add(1, user + " has " + count + " units");
          }
        });
  }

  /** Notes what no honest shop says, whatever its books are. */
  void noteTalk(long strayFrames) {
    Findings contradicted = new Findings("no after yes");
    told.forEach(
        (at, key) -> {
          if (key.contradicted()) {
            contradicted.add(
                1, at + " was refused at or after the position of its order " + key.orders());
          }
        });
    if (strayFrames > 0) {
      problems.add("stray: " + strayFrames + " frames meant for somebody else");
    }
  }

  /** Notes a sale nobody took part in: its books balance, and prove nothing. */
  void noteSilence(long shakes) {
    if (shakes == 0) {
      problems.add("silence: not one shake was sent, so nothing was tried");
    }
  }

  private long units(String status) {
    return orders.stream()
        .filter(order -> order.status().equals(status))
        .mapToLong(OrderRow::quantity)
        .sum();
  }

  /** Counts one kind of fault and puts the first few into words. */
  private final class Findings {
    private final String kind;
    private long total;
    private int worded;

    Findings(String kind) {
      this.kind = kind;
    }

    void add(long count, String detail) {
      total += count;
      if (worded < PROBLEMS_MAX) {
        worded++;
        problems.add(kind + ": " + detail);
      }
    }
  }
}
