package io.garut.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ShapeTest {
  @Test
  void knowsItsDimensions() {
    Shape shape = Shape.of(2, 3, 5);
    assertThat(shape.rank()).isEqualTo(3);
    assertThat(shape.elements()).isEqualTo(30);
    assertThat(shape.dim(-1)).isEqualTo(5);
    assertThat(shape.last()).isEqualTo(5);
    assertThat(shape.strides()).containsExactly(15, 5, 1);
    assertThat(shape.product(1, 3)).isEqualTo(15);
    assertThat(shape.range(0, 2)).isEqualTo(Shape.of(2, 3));
    assertThat(shape.with(-2, 7)).isEqualTo(Shape.of(2, 7, 5));
    assertThat(shape.without(0)).isEqualTo(Shape.of(3, 5));
    assertThat(shape).hasToString("[2, 3, 5]").hasSameHashCodeAs(Shape.of(2, 3, 5)).isNotEqualTo(Shape.of(30));
  }

  @Test
  void aScalarHasNoDimensionsAndOneElement() {
    assertThat(Shape.of()).isSameAs(Shape.scalar()).hasToString("[]");
    assertThat(Shape.scalar().elements()).isOne();
    assertThat(Shape.scalar().last()).isOne();
    assertThat(Shape.scalar().strides()).isEmpty();
  }

  @Test
  void itsDimensionsCannotBeChangedFromOutside() {
    long[] dims = {2, 3};
    Shape shape = Shape.of(dims);
    dims[0] = 9;
    shape.toArray()[1] = 9;
    assertThat(shape).isEqualTo(Shape.of(2, 3));
  }

  @Test
  void countsElementsIn64Bits() {
    assertThat(Shape.of(1L << 31, 1L << 31).elements()).isEqualTo(1L << 62);
    assertThatThrownBy(() -> Shape.of(1L << 32, 1L << 31))
        .isInstanceOf(ShapeException.class)
        .hasMessage("more than 2^63-1 elements: [4294967296, 2147483648]");
    assertThat(Shape.of(0, Long.MAX_VALUE).elements()).isZero();
  }

  @Test
  void refusesWhatIsNoShape() {
    assertThatThrownBy(() -> Shape.of(2, -1)).hasMessage("a dimension cannot be negative: [2, -1]");
    assertThatThrownBy(() -> Shape.of(2, 3).dim(2)).hasMessage("no axis 2 in [2, 3]");
    assertThatThrownBy(() -> Shape.of(2, 3).dim(-3)).hasMessage("no axis -3 in [2, 3]");
  }

  @Test
  void broadcastsAsNumPyDoes() {
    assertThat(Shape.broadcast("add", Shape.of(8, 1, 6, 1), Shape.of(7, 1, 5))).isEqualTo(Shape.of(8, 7, 6, 5));
    assertThat(Shape.broadcast("add", Shape.scalar(), Shape.of(2))).isEqualTo(Shape.of(2));
    assertThat(Shape.broadcast("add", Shape.of(0, 3), Shape.of(1, 3))).isEqualTo(Shape.of(0, 3));
    assertThat(Shape.broadcast("add", Shape.of(0), Shape.of(1))).isEqualTo(Shape.of(0));
    assertThatThrownBy(() -> Shape.broadcast("add", Shape.of(2, 3), Shape.of(2)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("add: [2, 3] and [2] do not broadcast; lengths must be equal or 1, counted from the last axis");
    assertThatThrownBy(() -> Shape.broadcast("add", Shape.of(0), Shape.of(2))).isInstanceOf(ShapeException.class);
  }
}
