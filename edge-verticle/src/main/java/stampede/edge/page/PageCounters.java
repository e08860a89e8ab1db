package stampede.edge.page;

/** What the pages of one edge counted since it started. Plain longs of the edge's event loop. */
public final class PageCounters {
  private long hits;
  private long misses;
  private long renders;
  private long stale;
  private long fetches;
  private long bytes;
  private long entries;

  void hit() {
    hits++;
  }

  void miss() {
    misses++;
  }

  void rendered() {
    renders++;
  }

  void wasStale() {
    stale++;
  }

  void fetched() {
    fetches++;
  }

  void holds(long entries, long bytes) {
    this.entries = entries;
    this.bytes = bytes;
  }

  /** Answers from memory as they were. */
  public long hits() {
    return hits;
  }

  /** Answers that had to be rendered, or waited for one that was being rendered. */
  public long misses() {
    return misses;
  }

  public long renders() {
    return renders;
  }

  /** Answers that were older than they should be, since their source was away. */
  public long stale() {
    return stale;
  }

  /** Questions behind the edge: to owners and persist nodes. */
  public long fetches() {
    return fetches;
  }

  /** Held now, files not counted. */
  public long bytes() {
    return bytes;
  }

  /** Pages held now, files not counted. */
  public long entries() {
    return entries;
  }
}
