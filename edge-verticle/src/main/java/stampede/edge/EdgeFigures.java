package stampede.edge;

import java.util.Locale;
import stampede.edge.admission.Step;
import stampede.edge.admission.Suspicion;
import stampede.edge.page.PageCounters;
import stampede.node.LoopVitals;
import stampede.protocol.Outcome;

/** The edge's figures, under the names operators know. On the edge's event loop. */
final class EdgeFigures {
  private EdgeFigures() {}

  static void show(
      LoopVitals loop,
      Counters counters,
      OwnerLink link,
      ShakeDesk desk,
      SoldOutWatch soldOut,
      PageCounters pages) {
    loop.counter("stampede_edge_shakes_total", "Shakes that came in", () -> counters.shakes());
    for (Outcome outcome : Outcome.values()) {
      loop.counter(
          "stampede_edge_outcomes_total",
          "Answers that went out",
          () -> counters.outcomes(outcome),
          "outcome",
          outcome.text());
    }
    showAdmission(loop, counters, desk);
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

  static void showNews(LoopVitals loop, NewsQueue news) {
    loop.gauge("stampede_edge_news_waiting", "News of orders that wait", news::waiting);
    loop.counter("stampede_edge_news_dropped_total", "News of orders not told", news::dropped);
  }

  static void showConnections(LoopVitals loop, ConnectionWatch connections) {
    loop.gauge("stampede_edge_connections", "Connections open", connections::size);
    for (ConnectionWatch.Cut why : ConnectionWatch.Cut.values()) {
      loop.counter(
          "stampede_edge_connections_cut_total",
          "Connections cut",
          () -> connections.cuts(why),
          "reason",
          why.name().toLowerCase(Locale.ROOT));
    }
  }

  private static void showAdmission(LoopVitals loop, Counters counters, ShakeDesk desk) {
    for (Step step : Step.values()) {
      loop.counter(
          "stampede_edge_refusals_total",
          "Shakes refused on this edge",
          () -> counters.refusals(step),
          "step",
          step.text());
    }
    for (Suspicion why : Suspicion.values()) {
      loop.counter(
          "stampede_edge_slow_lane_total",
          "Shakes held back for a while",
          () -> counters.suspects(why),
          "reason",
          why.text());
    }
    for (boolean given : new boolean[] {true, false}) {
      loop.counter(
          "stampede_edge_devices_total",
          "Tokens for devices asked for",
          () -> counters.devices(given),
          "result",
          given ? "given" : "throttled");
    }
    loop.gauge("stampede_edge_slow_lane_shakes", "Shakes held back now", desk::heldBack);
    loop.gauge("stampede_edge_item_queue_shakes", "Shakes in their items' lines", desk::waiting);
  }
}
