package stampede.bench.scale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class SvgPlotTest {
  private static final SvgPlot PLOT =
      new SvgPlot("Refused & \"served\"", "sockets", "CPU µs a shake", 100, 1_000, 10_000)
          .line("edge < all", new double[] {20, 30, 40}, true)
          .line("echo", new double[] {10, 10, 10}, false);

  @Test
  void isWellFormedAndSaysWhatItShows() throws Exception {
    List<String> texts = texts(parse(PLOT.text()));

    assertThat(texts)
        .contains("Refused & \"served\"", "sockets", "CPU µs a shake", "edge < all", "echo")
        .contains("100", "1,000", "10,000")
        .contains("20.0", "30.0", "40.0");
  }

  @Test
  void decadesAreEquallyFarApartAndMoreCostIsHigherUp() throws Exception {
    double[][] points = points(parse(PLOT.text()), 0);

    assertThat(points[1][0] - points[0][0]).isCloseTo(points[2][0] - points[1][0], byTenth());
    assertThat(points[0][1] - points[1][1]).isCloseTo(points[1][1] - points[2][1], byTenth());
    assertThat(points[0][1]).isGreaterThan(points[2][1]);
  }

  @Test
  void everythingLiesWithinThePicture() throws Exception {
    Element svg = parse(PLOT.text());
    String[] box = svg.getAttribute("viewBox").split(" ");

    for (int line = 0; line < 2; line++) {
      for (double[] point : points(svg, line)) {
        assertThat(point[0]).isBetween(0.0, Double.parseDouble(box[2]));
        assertThat(point[1]).isBetween(0.0, Double.parseDouble(box[3]));
      }
    }
  }

  @Test
  void followsTheReadersColours() {
    assertThat(PLOT.text()).contains("@media (prefers-color-scheme:dark)").contains("ground");
  }

  @Test
  void aLineHasAFigureForEveryPoint() {
    SvgPlot plot = new SvgPlot("t", "x", "y", 1, 2);

    assertThatThrownBy(() -> plot.line("short", new double[] {1}, true))
        .hasMessageContaining("1 of 2");
  }

  static Element parse(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)))
        .getDocumentElement();
  }

  private static List<String> texts(Element svg) {
    List<String> texts = new ArrayList<>();
    NodeList all = svg.getElementsByTagName("text");
    for (int i = 0; i < all.getLength(); i++) {
      texts.add(all.item(i).getTextContent());
    }
    return texts;
  }

  private static double[][] points(Element svg, int line) {
    Element polyline = (Element) svg.getElementsByTagName("polyline").item(line);
    String[] pairs = polyline.getAttribute("points").split(" ");
    double[][] points = new double[pairs.length][];
    for (int i = 0; i < pairs.length; i++) {
      String[] pair = pairs[i].split(",");
      points[i] = new double[] {Double.parseDouble(pair[0]), Double.parseDouble(pair[1])};
    }
    return points;
  }

  private static org.assertj.core.data.Offset<Double> byTenth() {
    return org.assertj.core.data.Offset.offset(0.11);
  }
}
