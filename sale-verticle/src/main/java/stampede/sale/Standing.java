package stampede.sale;

/**
 * One partition as a sale node sees it at a moment.
 *
 * @param status a word, see {@link PartitionOwner}
 * @param inOrder served here, or waiting in line behind an owner that lives
 * @param problem empty when there is none
 * @param epoch 0 before the first owner
 * @param position durable; 0 where it is not owned
 * @param backlog events not known to be in MySQL; 0 where it is not owned
 * @param waiting batches whose replies wait for the journal
 */
public record Standing(
    String status,
    boolean inOrder,
    String problem,
    long epoch,
    long position,
    long backlog,
    int waiting) {}
