package stampede.rig.capacity;

/**
 * What became of the shakes of one partition.
 *
 * @param shakes by as many phones
 * @param unanswered neither yes nor no when all was quiet
 * @param busy answers that told a phone to come again
 * @param timeouts messages that were not answered in time
 * @param decided orders, by the owner; {@code drained}: of them in MySQL
 * @param soldOutMs the last unit was decided
 * @param drainedMs the last order was in MySQL
 * @param p50Ms from the first send to the final answer
 * @param proxyLoad the busiest worker's part of the time to the last answer; the others likewise
 * @param shakesAMessage of the bus
 */
record Result(
    long shakes,
    long accepted,
    long soldOut,
    long unanswered,
    long answeredTwice,
    long busy,
    long timeouts,
    long decided,
    long drained,
    double soldOutMs,
    double drainedMs,
    double lastAnswerMs,
    double p50Ms,
    double p99Ms,
    double answersASecond,
    double proxyLoad,
    double edgeLoad,
    double saleLoad,
    double redisLoad,
    double mysqlLoad,
    double shakesAMessage,
    double eventsAnAppend,
    Peaks peaks) {

  /** The most there ever was of what has a bound. */
  record Peaks(int queue, int batch, int batches, int beyondLine, int held, int collecting) {}
}
