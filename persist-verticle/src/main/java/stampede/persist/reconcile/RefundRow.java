package stampede.persist.reconcile;

import stampede.protocol.Bytes;

/** A refund due, as MySQL has it and as the journal's event says it. */
public record RefundRow(long position, long order, Bytes payment, String reason, long dueAt) {}
