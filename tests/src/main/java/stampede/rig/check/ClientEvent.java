package stampede.rig.check;

import java.util.Map;

/**
 * Something that happened at a client. Ids are those of the wire; a text that does not apply is
 * empty, a number 0.
 *
 * @param at nanoseconds of the one monotonic clock of all clients of a run: of {@code sent} before
 *     the first byte left, of {@code answer} after the last byte came
 * @param client one connection: never used again for another; a request over HTTP is one too
 * @param user whom this connection is logged in as
 * @param what of {@code sent}: {@code shake}, {@code result}, {@code pay}, {@code cancel}. Of
 *     {@code answer}: the frame's type ({@code outcome}, {@code order}, …); over HTTP {@code
 *     outcome} for shakes, else {@code pay} and {@code cancel}
 * @param status of the order, as told
 * @param position −1 = the answer names none
 * @param decidedAt the answer's own {@code at}, epoch ms; 0 = none, so not made by an owner
 * @param code of an {@code invalid} outcome or a problem
 */
public record ClientEvent(
    long at,
    String client,
    String user,
    Kind kind,
    String what,
    long item,
    String key,
    int quantity,
    String outcome,
    long order,
    String status,
    long payBy,
    long position,
    long decidedAt,
    String payment,
    String code) {

  /** What kind of event; the name in lower case is in the file. */
  public enum Kind {
    CONNECTED,
    SENT,
    ANSWER,
    CLOSED
  }

  public static ClientEvent connected(long at, String client, String user) {
    return bare(at, client, user, Kind.CONNECTED);
  }

  public static ClientEvent closed(long at, String client, String user) {
    return bare(at, client, user, Kind.CLOSED);
  }

  private static ClientEvent bare(long at, String client, String user, Kind kind) {
    return new ClientEvent(at, client, user, kind, "", 0, "", 0, "", 0, "", 0, -1, 0, "", "");
  }

  /** A shake or, with quantity 0, the question what became of one. */
  public static ClientEvent asked(
      long at, String client, String user, long item, String key, int quantity) {
    String what = quantity == 0 ? "result" : "shake";
    return new ClientEvent(
        at, client, user, Kind.SENT, what, item, key, quantity, "", 0, "", 0, -1, 0, "", "");
  }

  /** The payment side's call-back; its user is empty. */
  public static ClientEvent pays(long at, String client, long order, String payment) {
    return new ClientEvent(
        at, client, "", Kind.SENT, "pay", 0, "", 0, "", order, "", 0, -1, 0, payment, "");
  }

  public static ClientEvent cancels(long at, String client, String user, long order) {
    return new ClientEvent(
        at, client, user, Kind.SENT, "cancel", 0, "", 0, "", order, "", 0, -1, 0, "", "");
  }

  /**
   * A frame or body as it came.
   *
   * @param members of the JSON object; unknown ones are passed over, and a member of a wrong type
   *     counts as missing
   */
  public static ClientEvent answer(
      long at, String client, String user, String what, Map<String, ?> members) {
    boolean isWelcome = what.equals("welcome");
    return new ClientEvent(
        at,
        client,
        user,
        Kind.ANSWER,
        what,
        id(members, "item"),
        text(members, isWelcome ? "user" : "key"),
        (int) number(members, "quantity", 0),
        text(members, "outcome"),
        id(members, "order"),
        text(members, "status"),
        number(members, "payBy", 0),
        number(members, "position", -1),
        number(members, "at", 0),
        text(members, "payment"),
        text(members, "code"));
  }

  /** The answer speaks of the key, true at a position. */
  public boolean isByOwner() {
    return kind == Kind.ANSWER && what.equals("outcome") && position >= 0;
  }

  public boolean isAccepted() {
    return kind == Kind.ANSWER && outcome.equals("accepted");
  }

  /** Says only that this frame was not passed on, or left no trace. */
  public boolean isAboutAttempt() {
    return kind == Kind.ANSWER
        && what.equals("outcome")
        && position < 0
        && !outcome.equals("pending");
  }

  public boolean isSent(String command) {
    return kind == Kind.SENT && what.equals(command);
  }

  private static String text(Map<String, ?> members, String name) {
    return members.get(name) instanceof String text ? text : "";
  }

  private static long number(Map<String, ?> members, String name, long otherwise) {
    return members.get(name) instanceof Number number ? number.longValue() : otherwise;
  }

  private static long id(Map<String, ?> members, String name) {
    String text = text(members, name);
    return text.matches("[0-9]{1,20}") ? Long.parseUnsignedLong(text) : 0;
  }

  JsonLine toJson() {
    return new JsonLine()
        .put("at", at)
        .put("client", client)
        .putIfAny("user", user)
        .put("event", Names.lower(kind))
        .putIfAny("what", what)
        .putId("item", item)
        .putIfAny("key", key)
        .putUnless(0, "quantity", quantity)
        .putIfAny("outcome", outcome)
        .putId("order", order)
        .putIfAny("status", status)
        .putUnless(0, "payBy", payBy)
        .putUnless(-1, "position", position)
        .putUnless(0, "decidedAt", decidedAt)
        .putIfAny("payment", payment)
        .putIfAny("code", code);
  }

  static ClientEvent of(JsonLine line, Kind kind, Names names) {
    return new ClientEvent(
        line.requiredNumber("at"),
        names.one(line.requiredText("client")),
        names.one(line.text("user")),
        kind,
        names.one(line.text("what")),
        line.id("item"),
        names.one(line.text("key")),
        line.smallNumber("quantity", 0),
        names.one(line.text("outcome")),
        line.id("order"),
        names.one(line.text("status")),
        line.number("payBy", 0),
        line.number("position", -1),
        line.number("decidedAt", 0),
        line.text("payment"),
        names.one(line.text("code")));
  }
}
