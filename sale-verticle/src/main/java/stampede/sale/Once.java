package stampede.sale;

/** Runs its task the first time only: for what either an event or a bound on waiting sets off. */
final class Once implements Runnable {
  private final Runnable task;
  private boolean ran;

  Once(Runnable task) {
    this.task = task;
  }

  @Override
  public void run() {
    if (!ran) {
      ran = true;
      task.run();
    }
  }
}
