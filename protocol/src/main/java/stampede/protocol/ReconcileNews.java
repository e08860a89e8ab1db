package stampede.protocol;

import java.util.ArrayList;
import java.util.List;

/**
 * Published by a persist node, every second: what the comparison of MySQL's rows with the journal
 * found in the partitions it drains. Best effort.
 */
public record ReconcileNews(String node, List<Partition> partitions) {

  /** Named of what differs. */
  public static final int SUBJECTS_MAX = 10;

  private static final int SUBJECT_BYTES_MAX = 256;

  /**
   * Of one partition.
   *
   * @param checked position up to which each row was compared with the journal at least once
   * @param lagEvents drained and not compared yet
   * @param sweepAgeMs since the last sweep over all rows ended
   * @param problem why nothing can be compared; empty = it can
   * @param differences how many differ now, {@code subjects} names some of them
   */
  public record Partition(
      int partition,
      long checked,
      long lagEvents,
      long sweepAgeMs,
      String problem,
      int differences,
      List<String> subjects) {}

  public byte[] encode() {
    ByteWriter out = new ByteWriter(64 + 32 * partitions.size());
    out.text(node);
    out.varint(partitions.size());
    for (Partition each : partitions) {
      out.varint(each.partition);
      out.varint(each.checked);
      out.varint(each.lagEvents);
      out.varint(each.sweepAgeMs);
      Words.write(out, each.problem);
      out.varint(each.differences);
      out.varint(each.subjects.size());
      each.subjects.forEach(out::text);
    }
    return out.toByteArray();
  }

  /**
   * @throws CorruptRecord if the bytes are no such news
   */
  public static ReconcileNews decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    ReconcileNews news = new ReconcileNews(in.text(256), readPartitions(in));
    in.expectEnd();
    return news;
  }

  private static List<Partition> readPartitions(ByteReader in) {
    int count = in.count(PartitionMap.PARTITIONS_MAX);
    List<Partition> partitions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      partitions.add(
          new Partition(
              in.count(PartitionMap.PARTITIONS_MAX - 1),
              in.varint(),
              in.varint(),
              in.varint(),
              Words.read(in),
              in.count(Integer.MAX_VALUE),
              readSubjects(in)));
    }
    return partitions;
  }

  private static List<String> readSubjects(ByteReader in) {
    int count = in.count(SUBJECTS_MAX);
    List<String> subjects = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      subjects.add(in.text(SUBJECT_BYTES_MAX));
    }
    return subjects;
  }
}
