package stampede.persist;

/** A request that was understood and can't be granted; {@code code} is for programs. */
final class Refusal extends Exception {
  private final String code;

  Refusal(String code, String detail) {
    super(detail, null, false, false);
    this.code = code;
  }

  static Refusal notFound(String what, long id) {
    return new Refusal("not_found", what + " " + id + " does not exist");
  }

  String code() {
    return code;
  }
}
