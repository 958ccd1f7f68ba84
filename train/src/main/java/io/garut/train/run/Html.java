package io.garut.train.run;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Text and numbers as a page shows them. */
final class Html {
  private Html() {}

  /** {@code text} as the content of an element or a quoted attribute, whatever it holds. */
  static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    text.replace("\r\n", "\n")
        .replace('\r', '\n')
        .codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.appendCodePoint(isShown(c) ? c : 0xFFFD);
              }
            });
    return escaped.toString();
  }

  /** Neither HTML nor XML allow the others: control characters, halves of surrogate pairs, what is no character. */
  private static boolean isShown(int c) {
    boolean character = Character.getType(c) != Character.SURROGATE && (c & 0xFFFE) != 0xFFFE;
    return c == '\n' || c == '\t' || character && !Character.isISOControl(c);
  }

  /** {@code value} in four digits that count; whole numbers in all of theirs. */
  static String number(double value) {
    if (!Double.isFinite(value)) {
      return "not finite";
    }
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return Long.toString((long) value);
    }
    return text(new BigDecimal(value).round(new MathContext(4, RoundingMode.HALF_EVEN)));
  }

  /** {@code value} in as many digits as it takes to tell it from others. */
  static String exact(double value) {
    return Double.isFinite(value) ? text(new BigDecimal(Double.toString(value))) : number(value);
  }

  private static String text(BigDecimal value) {
    BigDecimal plain = value.stripTrailingZeros();
    int exponent = plain.precision() - plain.scale() - 1; // of the first digit
    boolean readable = plain.signum() == 0 || exponent >= -3 && exponent < 15;
    return readable ? plain.toPlainString() : plain.scaleByPowerOfTen(-exponent).toPlainString() + "e" + exponent;
  }
}
