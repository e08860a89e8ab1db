package stampede.bench.scale;

import java.util.function.Consumer;

/**
 * What an owner's part of a shake costs, without sockets: as more users shake in one partition, of
 * whom every tenth gets a unit, and as more units are sold in it.
 */
final class OwnerCurves {
  static final String SHAKE = "a shake, every tenth accepted";
  static final String ACCEPTED = "accepted";
  static final String REFUSED = "refused, sold out";

  private final ScaleSize size;
  private final Consumer<String> progress;

  OwnerCurves(ScaleSize size, Consumer<String> progress) {
    this.size = size;
    this.progress = progress;
  }

  Curve users() {
    Curve curve =
        new Curve("users", "A shake at its owner", "users of one partition", size.users())
            .line(SHAKE);
    try (OwnerProcess owners = new OwnerProcess(size.jvm(), size.shakesMin())) {
      for (int point : curve.upAndDown()) {
        OwnerProcess.Shared shared = owners.users(curve.x(point));
        curve.add(SHAKE, point, shared.micros());
        curve.note(point, shared.weight());
        progress.accept("  %,d users: %.3f µs".formatted(curve.x(point), shared.micros()));
      }
    }
    return curve;
  }

  Curve stock() {
    Curve curve =
        new Curve("stock", "A shake at its owner", "units of one item", size.stock())
            .line(ACCEPTED)
            .line(REFUSED);
    try (OwnerProcess owners = new OwnerProcess(size.jvm(), size.shakesMin())) {
      for (int point : curve.upAndDown()) {
        OwnerProcess.Sold sold = owners.stock(curve.x(point));
        curve.add(ACCEPTED, point, sold.acceptedMicros());
        curve.add(REFUSED, point, sold.refusedMicros());
        progress.accept(
            "  %,d units: accepted %.3f µs, refused %.3f µs"
                .formatted(curve.x(point), sold.acceptedMicros(), sold.refusedMicros()));
      }
    }
    return curve;
  }
}
