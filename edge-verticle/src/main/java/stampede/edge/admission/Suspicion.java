package stampede.edge.admission;

/** Why a shake goes slowly; the label of the figure. */
public enum Suspicion {
  /** Many users behind one address. */
  CROWDED_ADDRESS("crowded_address"),
  /** No human gap between openings and shakes. */
  NO_HUMAN_GAP("no_human_gap"),
  /** A key that another user has used. */
  SHARED_KEY("shared_key");

  private final String text;

  Suspicion(String text) {
    this.text = text;
  }

  public String text() {
    return text;
  }
}
