package io.garut.transformer.evaluation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** How a record becomes a question, task by task, as lm-evaluation-harness's task files have it. */
final class Formulas {
  private static final Pattern BRACKETS = Pattern.compile("(?d)\\[.*?\\]"); // a dot is anything but \n

  private Formulas() {}

  static Item item(Fields record) throws RecordException {
    return switch (record.task()) {
      case LAMBADA -> lastWord(record);
      case PIQA ->
          question(record, record.text("goal"), List.of(record.text("sol1"), record.text("sol2")), record.whole("label"));
      case ARC_EASY, ARC_CHALLENGE -> arc(record);
      case HELLASWAG -> hellaSwag(record);
      case WINOGRANDE -> winogrande(record);
    };
  }

  private static Item lastWord(Fields record) throws RecordException {
    String text = record.text("text");
    int space = text.lastIndexOf(' ');
    String last = text.substring(space + 1);
    if (last.isEmpty()) {
      throw record.wrong("'text' does not end in a word");
    }
    return new Item.Cloze(record.place(), new Passage(text.substring(0, Math.max(space, 0)), " " + last));
  }

  private static Item question(Fields record, String question, List<String> choices, int gold) throws RecordException {
    return choice(record, "Question: " + question + "\nAnswer:", choices, gold);
  }

  private static Item choice(Fields record, String context, List<String> choices, int gold) throws RecordException {
    checkGold(record, gold, choices.size());
    List<Passage> passages = new ArrayList<>();
    for (String choice : choices) {
      passages.add(new Passage(context, " " + choice));
    }
    return new Item.Choice(record.place(), passages, lengths(choices), gold);
  }

  private static void checkGold(Fields record, int gold, int choices) throws RecordException {
    if (gold < 0 || gold >= choices) {
      throw record.wrong("the answer is number " + gold + " (from 0) of " + choices + " choices");
    }
  }

  /** Python counts code points. */
  private static List<Integer> lengths(List<String> choices) {
    return choices.stream().map(choice -> choice.codePointCount(0, choice.length())).toList();
  }

  private static Item arc(Fields record) throws RecordException {
    Fields choices = record.object("choices");
    List<String> texts = choices.texts("text");
    List<String> labels = choices.texts("label");
    String key = record.text("answerKey");
    int gold = labels.indexOf(key);
    if (labels.size() != texts.size() || gold < 0) {
      throw record.wrong(texts.size() + " choices have the labels " + labels + ", the answer is " + key);
    }
    return question(record, record.text("question"), texts, gold);
  }

  private static Item hellaSwag(Fields record) throws RecordException {
    String scene = record.text("ctx_a") + " " + capitalized(record.text("ctx_b"));
    List<String> endings = new ArrayList<>();
    for (String ending : record.texts("endings")) {
      endings.add(cleaned(ending));
    }
    return choice(record, cleaned(record.text("activity_label") + ": " + scene), endings, record.whole("label"));
  }

  /** Python's {@code capitalize}: the rest becomes small. */
  private static String capitalized(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.offsetByCodePoints(0, 1);
    int title = Character.toTitleCase(text.codePointAt(0));
    return Character.toString(title) + text.substring(first).toLowerCase(Locale.ROOT);
  }

  /** Without what WikiHow's mark-up has left. */
  private static String cleaned(String text) {
    String titled = Passage.strip(text).replace(" [title]", ". ");
    return BRACKETS.matcher(titled).replaceAll("").replace("  ", " ");
  }

  /** The choices are contexts: each option in the gap. What follows the gap is scored. */
  private static Item winogrande(Fields record) throws RecordException {
    String sentence = record.text("sentence");
    int gap = sentence.indexOf('_');
    if (gap < 0) {
      throw record.wrong("'sentence' has no gap (_)");
    }
    String rest = " " + Passage.strip(sentence.substring(gap + 1));
    List<String> beginnings =
        List.of(sentence.substring(0, gap) + record.text("option1"), sentence.substring(0, gap) + record.text("option2"));
    int gold = record.whole("answer") - 1;
    checkGold(record, gold, beginnings.size());
    List<Passage> passages = beginnings.stream().map(beginning -> new Passage(beginning, rest)).toList();
    return new Item.Choice(record.place(), passages, lengths(beginnings), gold);
  }
}
