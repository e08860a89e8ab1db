/** The durable log of a partition behind the port {@link stampede.sale.journal.Journal}. */
@org.jspecify.annotations.NullMarked
package stampede.sale.journal;
