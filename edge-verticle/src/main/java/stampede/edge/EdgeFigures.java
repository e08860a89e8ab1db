package stampede.edge;

import stampede.edge.page.PageCounters;
import stampede.node.LoopVitals;
import stampede.protocol.Outcome;

/** The edge's figures, under the names operators know. On the edge's event loop. */
final class EdgeFigures {
  private EdgeFigures() {}

  static void show(LoopVitals loop, Counters counters, OwnerLink link, PageCounters pages) {
    loop.counter("stampede_edge_shakes_total", "Shakes that came in", () -> counters.shakes());
    for (Outcome outcome : Outcome.values()) {
      loop.counter(
          "stampede_edge_outcomes_total",
          "Answers that went out",
          () -> counters.outcomes(outcome),
          "outcome",
          outcome.text());
    }
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
    show(loop, pages);
  }

  private static void show(LoopVitals loop, PageCounters pages) {
    loop.counter("stampede_edge_page_hits_total", "Pages given from memory", pages::hits);
    loop.counter("stampede_edge_page_misses_total", "Pages not there in time", pages::misses);
    loop.counter("stampede_edge_page_renders_total", "Pages rendered", pages::renders);
    loop.counter(
        "stampede_edge_page_stale_total", "Pages given whose source was away", pages::stale);
    loop.counter(
        "stampede_edge_page_fetches_total", "Questions of pages behind the edge", pages::fetches);
    loop.gauge("stampede_edge_page_bytes", "Bytes of rendered pages held", pages::bytes);
    loop.gauge("stampede_edge_page_entries", "Rendered pages held", pages::entries);
  }
}
