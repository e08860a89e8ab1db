package stampede.protocol;

/**
 * A record written by a newer version of Stampede: a node that meets one must not own the
 * partition.
 */
public final class NewerRecord extends CorruptRecord {
  public NewerRecord(int version, int known) {
    super(
        "record version "
            + version
            + " is newer than "
            + known
            + ", the newest this node knows; upgrade this node");
  }
}
