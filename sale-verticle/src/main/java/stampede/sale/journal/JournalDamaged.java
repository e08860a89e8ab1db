package stampede.sale.journal;

/**
 * The record of a partition's owner and its log do not belong together: one of them was lost or
 * changed from outside. Going on could lose acknowledged orders; nothing was written.
 */
public final class JournalDamaged extends Exception {
  public JournalDamaged(String message) {
    super(message, null, false, false);
  }
}
