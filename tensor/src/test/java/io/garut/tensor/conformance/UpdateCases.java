package io.garut.tensor.conformance;

import static io.garut.tensor.DType.BF16;
import static io.garut.tensor.DType.F16;
import static io.garut.tensor.DType.F32;
import static io.garut.tensor.DType.F64;

import io.garut.tensor.DType;
import io.garut.tensor.op.Update;
import java.util.ArrayList;
import java.util.List;

/** Operations that write into their first inputs. */
final class UpdateCases {
  private static final long[][] SIZES = {{}, {1}, {33}, {5, 207}, {3, 0}, {5003}};

  private UpdateCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    for (DType type : List.of(F32, F64)) {
      for (long[] dims : SIZES) {
        simple(cases, type, dims);
        optimizers(cases, type, dims);
      }
    }
    for (DType from : List.of(F64, F32, F16, BF16)) {
      for (DType to : List.of(F64, F32, F16, BF16)) {
        cases.add(Case.exact(new Update.Copy(), Sample.normal(to, 3, 67), Sample.wide(from, 20, 3, 67)));
      }
    }
    return cases;
  }

  private static void simple(List<Case> cases, DType type, long... dims) {
    cases.add(Case.exact(new Update.Add(), Sample.wide(type, 10, dims), Sample.wide(type, 10, dims)));
    cases.add(Case.exact(new Update.Scale(), Sample.wide(type, 10, dims), Sample.normal(type)));
    cases.add(Case.exact(new Update.Copy(), Sample.normal(type, dims), Sample.normal(type, dims)));
  }

  private static void optimizers(List<Case> cases, DType type, long... dims) {
    Sample parameter = Sample.normal(type, dims);
    Sample gradient = Sample.normal(type, dims);
    Sample state = Sample.normal(type, dims);
    // each is a sum of two or three products of what comes in; √v, over which m goes, is at least 2⁻³
    Bound bound = Bound.terms(4, Bound.all((at, seed) -> at.largest(0, seed) + at.largest(1, seed) + 16));
    Sample second = Sample.positive(type, 3, dims);
    for (double[] schedule : new double[][] {{1e-3, 1, 1}, {0.1, 7, 0.25}}) {
      Sample at = Sample.fixed(F64, schedule);
      for (double decay : new double[] {0, 0.1}) {
        cases.add(Case.within(bound, new Update.AdamW(0.9, 0.999, 1e-8, decay), parameter, state, second, gradient, at));
        cases.add(Case.within(bound, new Update.Sgd(0.9, false, decay), parameter, state, gradient, at));
        cases.add(Case.within(bound, new Update.Sgd(0.9, true, decay), parameter, state, gradient, at));
      }
      cases.add(Case.within(bound, new Update.Sgd(0, false, 0), parameter, state, gradient, at));
    }
  }
}
