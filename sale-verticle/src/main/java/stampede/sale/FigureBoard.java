package stampede.sale;

import java.util.ArrayList;
import java.util.List;
import stampede.protocol.ItemState;
import stampede.protocol.Reply;
import stampede.protocol.SaleFigures;
import stampede.sale.engine.SaleEngine;

/**
 * What an owner tells operators of its items, every 200 to 300 ms: it looks every 100. Few items
 * are all told each time, many in turn, and of many those that have ended no more.
 */
final class FigureBoard {
  static final long EVERY_MS = 200;

  /** Of a partition that has none, whose figures stand still. */
  static final long EMPTY_EVERY_MS = 1_000;

  private final int partition;
  private final Tenure tenure;
  private final SaleEngine engine;
  private long lastMs = Long.MIN_VALUE / 2;
  private int from;

  FigureBoard(int partition, Tenure tenure) {
    this.partition = partition;
    this.tenure = tenure;
    this.engine = tenure.engine();
  }

  boolean isDue(long nowMs) {
    return nowMs - lastMs >= (engine.items() == 0 ? EMPTY_EVERY_MS : EVERY_MS);
  }

  SaleFigures take(long nowMs) {
    lastMs = nowMs;
    int items = engine.items();
    boolean many = items > SaleFigures.ITEMS_MAX;
    List<SaleFigures.Item> told = new ArrayList<>(Math.min(items, SaleFigures.ITEMS_MAX));
    int looked = 0;
    for (; looked < items && looked < SaleFigures.ITEMS_MAX; looked++) {
      Reply.ItemIs is = engine.itemAt((from + looked) % items);
      if (!many || is.state() != ItemState.ENDED) {
        told.add(
            new SaleFigures.Item(
                is.item().item(), is.state(), is.available(), is.held(), is.sold(), is.stock()));
      }
    }
    from = items == 0 ? 0 : (from + looked) % items;
    return new SaleFigures(
        partition, tenure.epoch(), tenure.accepted(), tenure.paid(), tenure.released(), told);
  }
}
