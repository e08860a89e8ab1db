package stampede.protocol;

/**
 * Who steers, and why; goes into the journal with the change and from there into the audit.
 *
 * @param by subject of the operator's token
 * @param key made by the console or command line; a repeated key gets the earlier reply and does
 *     nothing twice; empty = none
 * @param audited false on all but one copy of a command that goes to every partition, so that the
 *     audit shows it once
 */
public record Warrant(String by, String reason, Bytes key, boolean audited) {
  public Warrant {
    if (by.isEmpty() || by.length() > 64) {
      throw new InvalidField("by", "must have 1 to 64 characters");
    }
    if (reason.length() > Limits.REASON_CHARS_MAX) {
      throw new InvalidField(
          "reason", "must have at most " + Limits.REASON_CHARS_MAX + " characters");
    }
  }
}
