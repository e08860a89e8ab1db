package stampede.bench.scale;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import stampede.bench.Pause;
import stampede.bench.ProcessMeter;
import stampede.bench.Wanted;

/**
 * What a refused shake costs an edge, and a round trip a bare echo, as more sockets are open; the
 * same frames are out whatever their number.
 */
final class SocketsCurve {
  static final String EDGE = "edge";
  static final String ECHO = "bare echo";
  private static final int SLACK = 100;

  /** Sockets that were dropped are closed at the other end too. */
  private static final long CLOSED_MS = 300;

  private SocketsCurve() {}

  static Curve run(ScaleSize size, Consumer<String> progress) {
    Curve curve =
        new Curve("sockets", "A shake refused at one edge", "open sockets", size.sockets())
            .shown(ECHO)
            .line(EDGE, ECHO);
    int most = (int) curve.x(curve.points() - 1);
    try (CurveServer edge = CurveServer.edge(size.jvm(), most + SLACK);
        CurveServer echo = CurveServer.echo(size.jvm());
        CrowdProcess shoppers = new CrowdProcess(size.jvm(), "s");
        CrowdProcess callers = new CrowdProcess(size.jvm(), "c")) {
      int least = (int) curve.x(0);
      shoppers.come(edge.port(), least);
      callers.come(echo.port(), least);
      shoppers.play("1", Wanted.SOLD_OUT, least / 2, size.warmMs());
      callers.play("1", Wanted.ECHO, least / 2, size.warmMs());
      long empty = edge.heapBytes();
      for (int point : curve.upAndDown()) {
        int sockets = (int) curve.x(point);
        shoppers.come(edge.port(), sockets);
        callers.come(echo.port(), sockets);
        Pause.ms(CLOSED_MS);
        for (int round = 0; round < 2 * size.rounds(); round++) {
          double there = micros(echo, callers, Wanted.ECHO, least / 2, size.roundMs() / 2);
          double here = micros(edge, shoppers, Wanted.SOLD_OUT, least / 2, size.roundMs() / 2);
          curve.add(ECHO, point, there);
          curve.add(EDGE, point, here);
        }
        progress.accept(
            "  %,d sockets: echo %.1f µs, edge %.1f µs"
                .formatted(sockets, curve.micros(ECHO, point), curve.micros(EDGE, point)));
        if (sockets == most) {
          double bytes = (double) (edge.heapBytes() - empty) / (most - least);
          curve.note(point, String.format(Locale.ROOT, "%.1f kB of heap a socket", bytes / 1e3));
        }
      }
    }
    return curve;
  }

  private static double micros(
      CurveServer server, CrowdProcess crowd, String wanted, int outstanding, int ms) {
    ProcessMeter meter = new ProcessMeter(List.of(server.watched()));
    Map<String, Double> before = meter.cpuSeconds();
    long answers = crowd.play("1", wanted, outstanding, ms);
    return meter.secondsSince(before) * 1e6 / answers;
  }
}
