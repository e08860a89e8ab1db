package stampede.edge.admission;

/**
 * @param retryAfterMs not earlier than this can the answer be another one; 0 = waiting does not
 *     help
 */
public record Refusal(Step step, long retryAfterMs) {}
