package stampede.rig.check;

/**
 * The state an owner said it had.
 *
 * @param at nanoseconds of the clients' clock
 * @param node who said so
 * @param stateHash as told; only ever compared
 */
public record Sighting(
    long at, String node, int partition, long epoch, long position, String stateHash) {

  JsonLine toJson() {
    return new JsonLine()
        .put("at", at)
        .put("event", "sighting")
        .put("node", node)
        .put("partition", partition)
        .put("epoch", epoch)
        .put("position", position)
        .put("stateHash", stateHash);
  }

  static Sighting of(JsonLine line) {
    return new Sighting(
        line.requiredNumber("at"),
        line.requiredText("node"),
        line.smallNumber("partition", 0),
        line.requiredNumber("epoch"),
        line.requiredNumber("position"),
        line.requiredText("stateHash"));
  }
}
