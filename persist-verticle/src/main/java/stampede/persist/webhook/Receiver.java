package stampede.persist.webhook;

import stampede.protocol.port.Completion;

/** The shop's end. Answers once, in bounded time, never with a failure. */
interface Receiver {
  void tell(WebhookRow row, Completion<Answer> done);

  /**
   * @param taken the shop has it
   * @param error what went wrong, in our own words
   * @param retryAfterMs what the shop asked for; 0 = nothing
   */
  record Answer(boolean taken, String error, long retryAfterMs) {
    static final Answer TAKEN = new Answer(true, "", 0);

    static Answer refused(String error) {
      return new Answer(false, error, 0);
    }
  }
}
