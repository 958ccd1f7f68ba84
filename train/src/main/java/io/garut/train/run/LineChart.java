package io.garut.train.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** A chart as SVG inside a page that brings the style. */
final class LineChart {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 250;
  private static final int LEFT = 74;
  private static final int RIGHT = 30;
  private static final int TOP = 10;
  private static final int BOTTOM = 28;
  private static final int TICKS = 6;
  private static final int BUCKETS = 500;

  /** Where the largest is so many times the smallest, a linear axis shows only peaks. */
  private static final double WIDE = 50;

  /** A point; {@code link} is where a click leads, or null. */
  record Point(double x, double y, String link) {}

  private record Series(String style, List<Point> points, boolean dots) {}

  private final String title;
  private final List<Series> all = new ArrayList<>();
  private boolean mayBeLogarithmic;
  private double lowX = Double.MAX_VALUE;
  private double highX = -Double.MAX_VALUE;
  private double lowY = Double.MAX_VALUE;
  private double highY = -Double.MAX_VALUE;

  LineChart(String title) {
    this.title = title;
  }

  /** Lets the axis of values be logarithmic where they are far apart. */
  LineChart forPeaks() {
    mayBeLogarithmic = true;
    return this;
  }

  /** Adds a line of CSS class {@code style}; many points are thinned out so that peaks stay. */
  LineChart line(String style, List<Point> points) {
    return add(new Series(style, thinned(finite(points)), false));
  }

  /** Adds a line with a dot on each point. */
  LineChart dots(String style, List<Point> points) {
    return add(new Series(style, finite(points), true));
  }

  private LineChart add(Series series) {
    for (Point point : series.points) {
      lowX = Math.min(lowX, point.x);
      highX = Math.max(highX, point.x);
      lowY = Math.min(lowY, point.y);
      highY = Math.max(highY, point.y);
    }
    all.add(series);
    return this;
  }

  private static List<Point> finite(List<Point> points) {
    return points.stream().filter(point -> Double.isFinite(point.y)).toList();
  }

  /** The least and the greatest of each bucket, in their order. */
  private static List<Point> thinned(List<Point> points) {
    if (points.size() <= 2 * BUCKETS) {
      return points;
    }
    List<Point> kept = new ArrayList<>();
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      int from = (int) ((long) points.size() * bucket / BUCKETS);
      int to = (int) ((long) points.size() * (bucket + 1) / BUCKETS);
      int least = from;
      int greatest = from;
      for (int i = from; i < to; i++) {
        least = points.get(i).y < points.get(least).y ? i : least;
        greatest = points.get(i).y >= points.get(greatest).y ? i : greatest;
      }
      kept.add(points.get(Math.min(least, greatest)));
      kept.add(points.get(Math.max(least, greatest)));
    }
    return kept;
  }

  /** The whole; a sentence where there is nothing to draw. */
  String svg() {
    if (all.stream().allMatch(series -> series.points.isEmpty())) {
      return "<p class=\"none\">Nothing yet.</p>\n";
    }
    boolean logarithmic = mayBeLogarithmic && lowY > 0 && highY / lowY > WIDE;
    Axis x = new Axis(lowX, highX, LEFT, WIDTH - RIGHT, false);
    double margin = 0.04 * (highY - lowY);
    Axis y =
        logarithmic
            ? new Axis(lowY, highY, HEIGHT - BOTTOM, TOP, true)
            : new Axis(lowY - margin, highY + margin, HEIGHT - BOTTOM, TOP, false);
    StringBuilder svg = new StringBuilder();
    String label = Html.escape(title + (logarithmic ? ", logarithmic" : ""));
    svg.append("<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n".formatted(WIDTH, HEIGHT, label));
    grid(svg, x, y);
    for (Series series : all) {
      draw(svg, series, x, y);
    }
    return svg.append("</svg>\n").toString();
  }

  private static void grid(StringBuilder svg, Axis x, Axis y) {
    for (double tick : y.ticks()) {
      String at = number(y.place(tick));
      svg.append("<path class=\"grid\" d=\"M%d %sH%d\"/>".formatted(LEFT, at, WIDTH - RIGHT));
      svg.append("<text x=\"%d\" y=\"%s\" dy=\".32em\" text-anchor=\"end\">%s</text>\n"
          .formatted(LEFT - 6, at, Html.number(tick)));
    }
    for (double tick : x.ticks()) {
      if (tick == Math.rint(tick)) { // there is no half step
        svg.append("<text x=\"%s\" y=\"%d\" text-anchor=\"middle\">%s</text>\n"
            .formatted(number(x.place(tick)), HEIGHT - 8, Html.number(tick)));
      }
    }
  }

  private static void draw(StringBuilder svg, Series series, Axis x, Axis y) {
    StringBuilder path = new StringBuilder();
    for (Point point : series.points) {
      path.append(path.isEmpty() ? "M" : "L").append(number(x.place(point.x))).append(' ').append(number(y.place(point.y)));
    }
    if (series.points.size() > 1) {
      svg.append("<path class=\"line %s\" d=\"%s\"/>\n".formatted(series.style, path));
    }
    boolean lonely = series.points.size() == 1;
    for (Point point : series.dots || lonely ? series.points : List.<Point>of()) {
      String at = "cx=\"%s\" cy=\"%s\"".formatted(number(x.place(point.x)), number(y.place(point.y)));
      String said = "step " + Html.number(point.x) + ": " + Html.number(point.y);
      String dot = "<circle class=\"dot %s\" %s r=\"4\"><title>%s</title></circle>".formatted(series.style, at, said);
      String link = point.link == null ? dot : "<a href=\"" + Html.escape(point.link) + "\">" + dot + "</a>";
      svg.append(link).append('\n');
    }
  }

  private static String number(double place) {
    return String.format(Locale.ROOT, "%.1f", place);
  }

  /** From values to places in the drawing. */
  private record Axis(double low, double high, int from, int to, boolean logarithmic) {
    double place(double value) {
      double share = high == low ? 0.5 : (scaled(value) - scaled(low)) / (scaled(high) - scaled(low));
      return from + share * (to - from);
    }

    private double scaled(double value) {
      return logarithmic ? Math.log10(value) : value;
    }

    /** Round numbers: 1, 2 or 5 times a power of ten apart, or the powers themselves. */
    List<Double> ticks() {
      if (high == low) {
        return List.of(low);
      }
      if (logarithmic) {
        int first = (int) Math.ceil(Math.log10(low));
        int last = (int) Math.floor(Math.log10(high));
        int apart = Math.max(1, (last - first) / TICKS);
        return DoubleStream.iterate(first, power -> power <= last, power -> power + apart)
            .map(power -> Math.pow(10, power))
            .boxed()
            .toList();
      }
      double rough = (high - low) / TICKS;
      double power = Math.pow(10, Math.floor(Math.log10(rough)));
      double lead = rough / power;
      double apart = power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
      List<Double> ticks = new ArrayList<>();
      for (long i = (long) Math.ceil(low / apart); i * apart <= high; i++) {
        ticks.add(i * apart);
      }
      return ticks;
    }
  }
}
