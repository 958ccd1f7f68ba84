package example;

import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.TensorScope;

/** The lines of README.md that multiply matrices. */
public final class Matrices {
  private Matrices() {}

  /** Runs them. */
  public static void main(String[] args) {
    // README:
    try (TensorScope _ = TensorScope.open()) { // at its end, what is made inside is freed
      Tensor x = Tensor.randn(Shape.of(4, 512), 7); // [4, 512], standard normal, from seed 7
      Tensor weight = Tensor.randn(Shape.of(512, 3), 8).times(0.05); // [512, 3]
      Tensor bias = Tensor.of(new float[] {0.5f, 0, -0.5f}); // [3]
      Tensor hidden = x.matmul(weight).plus(bias).relu(); // [4, 3], the bias added to every row
      Tensor shares = hidden.softmax(-1); // along the last axis
      float[] values = shares.toFloatArray(); // 12 floats, row by row
      System.out.printf("%s begins with %.3f %.3f %.3f, ", shares, values[0], values[1], values[2]);
      System.out.printf("its largest is %.3f%n", shares.max().item());
    }
    // :README
  }
}
