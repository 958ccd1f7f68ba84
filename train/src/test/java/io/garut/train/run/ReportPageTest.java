package io.garut.train.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.train.StepReport;
import io.garut.train.run.LineChart.Point;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

class ReportPageTest {
  private static RunHistory history(int steps, int evaluations) {
    RunHistory history = new RunHistory();
    for (int i = 1; i <= steps; i++) {
      double loss = i == 2 ? Double.NaN : 1 + 9.0 / i;
      Optional<String> skipped = i == 2 ? Optional.of("w") : Optional.empty();
      history.add(new RunHistory.Step(new StepReport(i, loss, 1e3 / i, 1e-5, 100, 90, 0.5, skipped), 0));
    }
    for (int i = 1; i <= evaluations; i++) {
      List<Sample> samples = List.of(new Sample("Who & why?", "</td><script>alert(" + i + ")</script>"));
      history.add(new RunHistory.Evaluated(new Evaluation(10L * i, i == 2 ? Double.NaN : 2 + 1.0 / i, samples), 0));
    }
    return history;
  }

  private static String page(RunHistory history) {
    return new ReportPage("run <1>", RunSettings.empty().with("prompt", "a\"b<c>").with("seed", 42), history).html();
  }

  private static Document parse(String page) throws ParserConfigurationException, SAXException, IOException {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(page.getBytes(StandardCharsets.UTF_8)));
  }

  private static List<String> texts(Document page, String tag) {
    NodeList nodes = page.getElementsByTagName(tag);
    return IntStream.range(0, nodes.getLength()).mapToObj(i -> nodes.item(i).getTextContent()).toList();
  }

  @Test
  void allIsShownAndNothingIsAskedFor() throws ParserConfigurationException, SAXException, IOException {
    String text = page(history(40, 3));
    assertThat(text).doesNotContain("http", "<script", "src=", "url(", "@import");
    Document page = parse(text);
    assertThat(texts(page, "h1")).containsExactly("run <1>");
    assertThat(texts(page, "h2")).containsExactly("Loss", "Learning rate", "Gradient norm", "Samples", "Settings");
    assertThat(texts(page, "td"))
        .containsExactly(
            "</td><script>alert(1)</script>",
            "</td><script>alert(2)</script>",
            "</td><script>alert(3)</script>",
            "a\"b<c>",
            "42");
    assertThat(texts(page, "dt")).contains("Steps skipped", "Best evaluation loss");
    assertThat(texts(page, "dd")).contains("40", "4,000", "200", "0:00:20", "2.333 at step 30");
    NodeList links = page.getElementsByTagName("a");
    assertThat(links.getLength()).isEqualTo(2);
    assertThat(((Element) links.item(1)).getAttribute("href")).isEqualTo("#samples-30");
    assertThat(text).contains("id=\"samples-20\"");
  }

  @Test
  void ofManyEvaluationsSomeAreShown() throws ParserConfigurationException, SAXException, IOException {
    Document page = parse(page(history(3000, 299)));
    List<String> heads = texts(page, "th").stream().filter(head -> head.startsWith("Step")).toList();
    assertThat(heads).hasSize(40);
    assertThat(heads.getFirst()).startsWith("Step 10loss");
    assertThat(heads.getLast()).startsWith("Step 2990loss");
    assertThat(page.getElementsByTagName("circle").getLength()).isEqualTo(298);
  }

  @Test
  void aRunThatHasJustBegunHasAPage() throws ParserConfigurationException, SAXException, IOException {
    assertThat(texts(parse(page(history(0, 0))), "p")).contains("Nothing yet.");
    assertThat(texts(parse(page(history(1, 0))), "circle")).contains("step 1: 10");
  }

  @Property(tries = 200)
  void anyTextIsShownAsItIs(@ForAll String prompt, @ForAll String answer)
      throws ParserConfigurationException, SAXException, IOException {
    RunHistory history = new RunHistory();
    history.add(new RunHistory.Evaluated(new Evaluation(1, 2, List.of(new Sample(prompt, answer))), 0));
    Document page = parse(new ReportPage(prompt, RunSettings.empty(), history).html());
    assertThat(texts(page, "td").getFirst()).hasSameSizeAs(answer.replace("\r\n", "\n"));
    if (answer.codePoints().allMatch(c -> c >= ' ' && c < 0x7f || c >= 0xa0 && c < 0xd800)) {
      assertThat(texts(page, "td").getFirst()).isEqualTo(answer);
    }
  }

  @Property(tries = 200)
  void aChartStaysInItsFrame(@ForAll List<Double> values) throws ParserConfigurationException, SAXException, IOException {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      points.add(new Point(i, values.get(i) * 1e-30, null)); // differences must be finite
    }
    Document svg = parse("<div>" + new LineChart("a").line("train", points).dots("eval", points).svg() + "</div>");
    NodeList dots = svg.getElementsByTagName("circle");
    for (int i = 0; i < dots.getLength(); i++) {
      assertThat(Double.parseDouble(((Element) dots.item(i)).getAttribute("cx"))).isBetween(0.0, 720.0);
      assertThat(Double.parseDouble(((Element) dots.item(i)).getAttribute("cy"))).isBetween(0.0, 250.0);
    }
    assertThat(dots.getLength()).isGreaterThanOrEqualTo(values.size());
  }

  @Test
  void ticksAreRound() throws ParserConfigurationException, SAXException, IOException {
    List<Point> linear = List.of(new Point(0, 1.93, null), new Point(1000, 4.21, null));
    assertThat(texts(parse(new LineChart("a").line("train", linear).svg()), "text"))
        .containsExactly("2", "2.5", "3", "3.5", "4", "0", "200", "400", "600", "800", "1000");
    List<Point> small = List.of(new Point(1, 1.2e-6, null), new Point(2, 3.1e-6, null));
    assertThat(texts(parse(new LineChart("a").line("train", small).svg()), "text"))
        .containsExactly("1.5e-6", "2e-6", "2.5e-6", "3e-6", "1", "2");
    List<Point> wide = List.of(new Point(0, 0.02, null), new Point(3, 4000, null));
    assertThat(texts(parse(new LineChart("a").forPeaks().line("train", wide).svg()), "text"))
        .containsExactly("0.1", "1", "10", "100", "1000", "0", "1", "2", "3");
  }
}
