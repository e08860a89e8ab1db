package stampede.rig.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

/** The model's station against formulas that are known. */
class LoopTest {
  private static final int ARRIVALS = 300_000;
  private static final double SERVICE = 10;

  private final SplittableRandom random = new SplittableRandom(7);

  @Test
  void aWaitForRandomServiceIsThatOfTheFormula() {
    for (double load : new double[] {0.4, 0.8}) {
      double formula = load / (1 - load) * SERVICE;

      double found = meanWait(load, () -> exponential(SERVICE));

      assertThat(found).as("M/M/1 at %s", load).isCloseTo(formula, within(formula * 0.06));
    }
  }

  @Test
  void aWaitForEqualServiceIsHalfOfThat() {
    for (double load : new double[] {0.4, 0.8}) {
      double formula = load / (2 * (1 - load)) * SERVICE;

      double found = meanWait(load, () -> SERVICE);

      assertThat(found).as("M/D/1 at %s", load).isCloseTo(formula, within(formula * 0.06));
    }
  }

  @Test
  void loopsThatShareOneProcessorDoAsMuchAsOne() {
    Agenda agenda = new Agenda();
    Cores one = new Cores(1);
    Loop a = new Loop(agenda, one, 1, Loop.Pause.NONE);
    Loop b = new Loop(agenda, one, 2, Loop.Pause.NONE);
    double[] doneAt = new double[2];

    for (int i = 0; i < 100; i++) {
      a.add(1, () -> doneAt[0] = agenda.now());
      b.add(1, () -> doneAt[1] = agenda.now());
    }
    agenda.run(1e6);

    assertThat(Math.max(doneAt[0], doneAt[1])).isEqualTo(300);
    assertThat(a.busyMicros() + b.busyMicros()).isEqualTo(300);
  }

  private double meanWait(double load, DoubleSupplier service) {
    Agenda agenda = new Agenda();
    Loop loop = new Loop(agenda, Cores.enough(), 1, Loop.Pause.NONE);
    double[] waited = new double[1];
    come(agenda, loop, ARRIVALS, SERVICE / load, service, waited);
    agenda.run(Double.MAX_VALUE);
    return waited[0] / ARRIVALS;
  }

  private void come(
      Agenda agenda, Loop loop, int left, double gap, DoubleSupplier service, double[] waited) {
    if (left == 0) {
      return;
    }
    agenda.after(
        exponential(gap),
        () -> {
          double came = agenda.now();
          double micros = service.getAsDouble();
          loop.add(micros, () -> waited[0] += agenda.now() - came - micros);
          come(agenda, loop, left - 1, gap, service, waited);
        });
  }

  private double exponential(double mean) {
    return -Math.log(1 - random.nextDouble()) * mean;
  }
}
