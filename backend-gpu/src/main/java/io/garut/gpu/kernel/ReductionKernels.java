package io.garut.gpu.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What looks along axes. A group of 64 items is one result's: each item takes every 64th element, then pairs of items put
 * together what they have, in the same order on every run.
 */
public final class ReductionKernels {
  private static final int KEPT = 7; // where the walk over the axes that stay begins among a fold's numbers
  private static final int FOLDED = KEPT + 1 + 2 * Walks.AXES;

  private ReductionKernels() {}

  /** a and b, by a {@code Fold}: SUM, MEAN, PROD, MAX or MIN. */
  private static float folded(int fold, float a, float b) {
    float sum = a + b;
    float product = a * b;
    return fold < 2 ? sum : fold == 2 ? product : fold == 3 ? Functions.larger(a, b) : Functions.smaller(a, b);
  }

  /**
   * The fold of every {@code step}th element from {@code first} to {@code end}. Sums carry along what rounding takes from them;
   * the plain sum is for those with infinities.
   */
  private static float all(FloatArray f, IntArray p, int base, int first, int end, int step) {
    int fold = p.get(4);
    float result = fold < 2 ? 0f : fold == 2 ? 1f : f.get(base + Walks.offset(p, FOLDED, 0, first < end ? first : 0));
    float lost = 0f;
    float plain = 0f;
    for (int i = first; i < end; i += step) {
      float x = f.get(base + Walks.offset(p, FOLDED, 0, i));
      if (fold < 2) {
        float more = x - lost;
        float sum = result + more;
        lost = sum - result - more;
        result = sum;
        plain += x;
      } else {
        result = folded(fold, result, x);
      }
    }
    return result != result && fold < 2 ? plain : result;
  }

  /**
   * Numbers: x, result, results, elements of each, a {@code Fold}, parts, elements of a part, a walk over the axes that stay,
   * one over those that do not. Factor: by which results are divided. One item makes one result.
   */
  public static void kFold(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(2)) {
      float result = all(f, p, p.get(0) + Walks.offset(p, KEPT, 0, i), 0, p.get(3), 1);
      f.set(p.get(1) + i, result / s.get(0));
    }
  }

  /** The same by a group for each part of a result. */
  public static void kFoldGroup(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    float[] some = c.allocateFloatLocalArray(Groups.SIZE);
    int lane = c.localIdx;
    int result = c.groupIdx / p.get(5);
    int first = (c.groupIdx - result * p.get(5)) * p.get(6);
    int last = first + p.get(6);
    int end = last < p.get(3) ? last : p.get(3);
    some[lane] = all(f, p, p.get(0) + Walks.offset(p, KEPT, 0, result), first + lane, end, Groups.SIZE);
    for (int half = Groups.SIZE / 2; half > 0; half = half / 2) {
      c.localBarrier();
      if (lane < half) {
        some[lane] = folded(p.get(4), some[lane], some[lane + half]);
      }
    }
    if (lane == 0) {
      f.set(p.get(1) + c.groupIdx, some[0] / s.get(0));
    }
  }

  /** Numbers: x, result, length of a line, distance of its elements, whether the logarithm. A group makes a line. */
  public static void kSoftmax(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int lane = c.localIdx;
    int length = p.get(2);
    int step = p.get(3);
    int outer = c.groupIdx / step;
    int base = outer * length * step + c.groupIdx - outer * step;
    int x = p.get(0) + base;
    int y = p.get(1) + base;
    float most = f.get(x + (lane < length ? lane : 0) * step);
    for (int i = lane + Groups.SIZE; i < length; i += Groups.SIZE) {
      most = Functions.larger(most, f.get(x + i * step));
    }
    float largest = Groups.max(c, most);
    float sum = 0f;
    for (int i = lane; i < length; i += Groups.SIZE) {
      sum += TornadoMath.exp(f.get(x + i * step) - largest);
    }
    float total = Groups.sum(c, sum);
    float logarithm = TornadoMath.log(total);
    for (int i = lane; i < length; i += Groups.SIZE) {
      float less = f.get(x + i * step) - largest;
      if (p.get(4) != 0) {
        f.set(y + i * step, less - logarithm);
      } else {
        f.set(y + i * step, TornadoMath.exp(less) / total);
      }
    }
  }

  /**
   * Numbers: x, result (I64), length of a line, distance of its elements. Factor: −1 for the smallest. A group makes a line.
   * What is not a number goes before all: where the first of these is is kept apart, since comparisons with them turn out
   * differently once TornadoVM has turned them round.
   */
  public static void kArgMax(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    float[] values = c.allocateFloatLocalArray(Groups.SIZE);
    int[] places = c.allocateIntLocalArray(Groups.SIZE);
    int[] wrong = c.allocateIntLocalArray(Groups.SIZE);
    int lane = c.localIdx;
    int length = p.get(2);
    int step = p.get(3);
    int outer = c.groupIdx / step;
    int x = p.get(0) + outer * length * step + c.groupIdx - outer * step;
    int place = lane < length ? lane : 0;
    int odd = length;
    float best = f.get(x + place * step) * s.get(0);
    for (int i = lane; i < length; i += Groups.SIZE) {
      float value = f.get(x + i * step) * s.get(0);
      if (value > best) {
        best = value;
        place = i;
      }
      if (value != value && odd == length) {
        odd = i;
      }
    }
    values[lane] = best;
    places[lane] = place;
    wrong[lane] = odd;
    for (int half = Groups.SIZE / 2; half > 0; half = half / 2) {
      c.localBarrier();
      if (lane < half) {
        float a = values[lane];
        float b = values[lane + half];
        if (b > a || a == b && places[lane + half] < places[lane]) {
          values[lane] = b;
          places[lane] = places[lane + half];
        }
        wrong[lane] = wrong[lane + half] < wrong[lane] ? wrong[lane + half] : wrong[lane];
      }
    }
    if (lane == 0) {
      w.set(p.get(1) + 2 * c.groupIdx, wrong[0] < length ? wrong[0] : places[0]);
      w.set(p.get(1) + 2 * c.groupIdx + 1, 0);
    }
  }

  /**
   * Numbers: x, elements, elements of a part, result. A group writes where its part has its first that is not finite, or −1.
   */
  public static void kNonFinite(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    int[] places = c.allocateIntLocalArray(Groups.SIZE);
    int lane = c.localIdx;
    int first = c.groupIdx * p.get(2);
    int last = first + p.get(2);
    int end = last < p.get(1) ? last : p.get(1);
    int place = end;
    for (int i = first + lane; i < place; i += Groups.SIZE) {
      float x = f.get(p.get(0) + i);
      if (x - x != 0f) {
        place = i;
      }
    }
    places[lane] = place;
    for (int half = Groups.SIZE / 2; half > 0; half = half / 2) {
      c.localBarrier();
      if (lane < half) {
        places[lane] = places[lane] < places[lane + half] ? places[lane] : places[lane + half];
      }
    }
    if (lane == 0) {
      w.set(p.get(3) + c.groupIdx, places[0] < end ? places[0] : -1);
    }
  }

  /** Numbers: places, how many, result (I64). One item writes the first that is not −1, or −1. */
  public static void kFirst(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    if (c.globalIdx == 0) {
      int first = -1;
      for (int i = p.get(1) - 1; i >= 0; i--) {
        int place = w.get(p.get(0) + i);
        first = place < 0 ? first : place;
      }
      w.set(p.get(2), first);
      w.set(p.get(2) + 1, first < 0 ? -1 : 0);
    }
  }

  /**
   * Σx² of runs, in double precision. Numbers: x, elements, length of a run, result (F64). A group makes one, of which an item
   * then puts the bits together by arithmetic.
   */
  public static void kSquareSums(KernelContext c, FloatArray f, IntArray w, IntArray p, FloatArray s) {
    double[] some = c.allocateDoubleLocalArray(Groups.SIZE);
    int lane = c.localIdx;
    int first = c.groupIdx * p.get(2);
    int last = first + p.get(2);
    int end = last < p.get(1) ? last : p.get(1);
    double sum = 0.0;
    for (int i = first + lane; i < end; i += Groups.SIZE) {
      double x = (double) f.get(p.get(0) + i);
      sum += x * x;
    }
    some[lane] = sum;
    for (int half = Groups.SIZE / 2; half > 0; half = half / 2) {
      c.localBarrier();
      if (lane < half) {
        some[lane] = some[lane] + some[lane + half];
      }
    }
    if (lane == 0) {
      double rest = some[0];
      int exponent = 1023;
      while (rest >= 2.0 && exponent < 2000) {
        rest = rest * 0.5;
        exponent = exponent + 1;
      }
      while (rest < 1.0 && exponent > 0) {
        rest = rest * 2.0;
        exponent = exponent - 1;
      }
      double fraction = (rest - 1.0) * 1048576.0;
      int upper = (int) fraction;
      double lower = (fraction - (double) upper) * 4294967296.0;
      int low = (int) (lower - 2147483648.0) ^ -2147483648;
      int high = exponent << 20 | upper;
      if (some[0] == 0.0) {
        high = 0;
        low = 0;
      }
      if (some[0] > 1.0e300) {
        high = 0x7ff00000;
        low = 0;
      }
      if (some[0] != some[0]) {
        high = 0x7ff80000;
        low = 0;
      }
      w.set(p.get(3) + 2 * c.groupIdx, low);
      w.set(p.get(3) + 2 * c.groupIdx + 1, high);
    }
  }
}
