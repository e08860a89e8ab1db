package stampede.bench;

/**
 * What is due to each piece of work and what to each group of pieces that went together.
 *
 * @param each microseconds a piece
 * @param group microseconds a group, whatever is in it
 */
record Split(double each, double group) {
  /** Least squares of {@code micros = each × pieces + group × groups}; neither is below zero. */
  static Split of(double[] micros, double[] pieces, double[] groups) {
    double pp = dot(pieces, pieces);
    double pg = dot(pieces, groups);
    double gg = dot(groups, groups);
    double mp = dot(micros, pieces);
    double mg = dot(micros, groups);
    double determinant = pp * gg - pg * pg;
    double each = (mp * gg - mg * pg) / determinant;
    double group = (mg * pp - mp * pg) / determinant;
    if (each < 0) {
      return new Split(0, mg / gg);
    }
    return group < 0 ? new Split(mp / pp, 0) : new Split(each, group);
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
