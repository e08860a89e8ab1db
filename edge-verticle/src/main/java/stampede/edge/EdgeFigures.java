package stampede.edge;

import stampede.node.LoopVitals;
import stampede.protocol.Outcome;

/** The edge's figures, under the names operators know. On the edge's event loop. */
final class EdgeFigures {
  private EdgeFigures() {}

  static void show(LoopVitals loop, Counters counters, OwnerLink link, SoldOutWatch soldOut) {
    loop.counter("stampede_edge_shakes_total", "Shakes that came in", () -> counters.shakes());
    for (Outcome outcome : Outcome.values()) {
      loop.counter(
          "stampede_edge_outcomes_total",
          "Answers that went out",
          () -> counters.outcomes(outcome),
          "outcome",
          outcome.text());
    }
    loop.counter(
        "stampede_edge_sold_out_total",
        "Shakes of sold-out items answered without asking the owner",
        soldOut::refused);
    loop.gauge(
        "stampede_edge_winner_filter_bytes",
        "Filters of users with an order of a sold-out item",
        soldOut::filterBytes);
    loop.gauge("stampede_edge_sockets", "WebSockets open", counters::sockets);
    loop.counter(
        "stampede_edge_sockets_opened_total", "WebSockets opened", counters::socketsOpened);
    for (int partition = 0; partition < link.partitions(); partition++) {
      int of = partition;
      loop.gauge(
          "stampede_edge_queue_commands",
          "Commands waiting for their owner",
          () -> link.waiting(of),
          "partition",
          Integer.toString(of));
    }
  }
}
