package io.garut.gpu;

import io.garut.gpu.ProductLaunches.Weight;
import io.garut.tensor.DType;
import io.garut.tensor.Shape;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Indexing;
import io.garut.tensor.op.Layer;
import io.garut.tensor.op.Op;
import java.util.HashSet;
import java.util.Set;

/** The coarse operations of a transformer, and rows of tables. */
final class LayerLaunches {
  private static final float[] NO_FACTORS = {};

  private LayerLaunches() {}

  static boolean bind(Layer op, Tensor[] inputs, Tensor[] outputs, Operands operands) {
    return switch (op) {
      case Layer.LayerNorm(double epsilon) -> layerNorm(epsilon, inputs, outputs[0], operands);
      case Layer.Rotary _ -> rotary(op, inputs, outputs[0], operands);
      case Layer.Attention(float scale) -> attention(op, scale, inputs, outputs[0], operands);
      case Layer.AppendCache _ -> appendCache(op, inputs, operands);
      case Layer.CachedAttention(float scale) -> cachedAttention(op, scale, inputs, outputs[0], operands);
      case Layer.CrossEntropy _ -> crossEntropy(op, inputs, outputs[0], operands);
    };
  }

  static boolean embedding(Indexing.Embedding op, Tensor table, Tensor ids, Tensor y, Operands operands) {
    Weight weight = y.dtype() == DType.F32 ? Weight.of(table, operands) : null;
    if (weight == null) {
      return false;
    }
    Indices indices = new Indices(op, ids);
    long rows = table.shape().dim(0);
    String what = "id for " + table.spec();
    operands.check(() -> indices.check(what, rows));
    operands.launch(
        Code.EMBEDDING, y.elements(), weight.begin(), weight.form(), weight.aside(), operands.read(ids),
        ids.dtype() == DType.I64 ? 2 : 1, operands.written(y), size(y, -1), Math.toIntExact(y.elements()));
    return true;
  }

  private static boolean layerNorm(double epsilon, Tensor[] inputs, Tensor y, Operands operands) {
    if (!Launches.areFloats(inputs)) {
      return false;
    }
    float[] factors = {(float) epsilon};
    int width = size(y, -1);
    operands.launchGroups(
        Code.LAYER_NORM, y.elements() / width, 1, () -> factors, operands.read(inputs[0]), operands.read(inputs[1]),
        operands.read(inputs[2]), operands.written(y), width);
    return true;
  }

  private static boolean rotary(Op op, Tensor[] inputs, Tensor y, Operands operands) {
    if (!Launches.areFloats(inputs[0], inputs[2], inputs[3])) {
      return false;
    }
    Indices positions = new Indices(op, inputs[1]);
    long limit = inputs[2].shape().dim(0);
    operands.check(() -> positions.check("position", limit));
    int width = size(y, 1) * size(y, 2);
    operands.launch(
        Code.ROTARY, y.elements(), operands.read(inputs[0]), operands.read(inputs[1]), operands.read(inputs[2]),
        operands.read(inputs[3]), operands.written(y), width, size(y, 2), size(inputs[2], 1),
        Math.toIntExact(y.elements()));
    return true;
  }

  /** Checks where each token begins to see, before every run. */
  static void checkStarts(Op op, Tensor starts, Operands operands) {
    Indices indices = new Indices(op, starts);
    operands.check(() -> {
      long[] all = indices.read();
      for (int t = 0; t < all.length; t++) {
        indices.check("start of token " + t, all[t], t + 1);
      }
    });
  }

  private static boolean attention(Op op, float scale, Tensor[] inputs, Tensor y, Operands operands) {
    if (!Launches.areFloats(inputs[0], inputs[1], inputs[2])) {
      return false;
    }
    checkStarts(op, inputs[3], operands);
    float[] factors = {scale};
    operands.launchGroups(
        Code.ATTENTION, y.shape().dim(0), y.shape().dim(1), () -> factors, operands.read(inputs[0]),
        operands.read(inputs[1]), operands.read(inputs[2]), operands.written(y), size(y, 1), size(inputs[1], 1), size(y, 2),
        operands.read(inputs[3]), 0, 0, 0);
    return true;
  }

  private static boolean cachedAttention(Op op, float scale, Tensor[] inputs, Tensor y, Operands operands) {
    Weight keys = Weight.of(inputs[1], operands);
    Weight values = Weight.of(inputs[2], operands);
    if (keys == null || values == null) {
      return false;
    }
    Shape cache = inputs[1].shape();
    Indices slots = new Indices(op, inputs[3]);
    Indices positions = new Indices(op, inputs[4]);
    operands.check(() -> slots.check("slot", cache.dim(0)));
    operands.check(() -> positions.check("position", cache.dim(2)));
    float[] factors = {scale};
    operands.launchGroups(
        inputs[1].dtype() == DType.F32 ? Code.CACHED_F32 : Code.CACHED_F16, y.shape().dim(0), y.shape().dim(1),
        () -> factors, operands.read(inputs[0]), keys.begin(), values.begin(), operands.written(y), size(y, 1),
        size(inputs[1], 1), size(y, 2), operands.read(inputs[3]), operands.read(inputs[4]), size(inputs[1], 2),
        keys.aside());
    return true;
  }

  private static boolean appendCache(Op op, Tensor[] inputs, Operands operands) {
    Tensor cache = inputs[0];
    Tensor rows = inputs[1];
    boolean half = cache.dtype() == DType.F16;
    if (half && (size(cache, 3) % 2 != 0 || cache.byteOffset() % Float.BYTES != 0)) {
      return false; // rows would share words
    }
    if (cache.elements() == 0 || rows.elements() == 0) {
      return false;
    }
    int[] numbers = {
      operands.read(cache), operands.read(rows), operands.read(inputs[2]), operands.read(inputs[3]), size(rows, 0),
      size(cache, 1), size(cache, 2), size(cache, 3), 0
    };
    operands.written(cache);
    Indices slots = new Indices(op, inputs[2]);
    Indices positions = new Indices(op, inputs[3]);
    Shape shape = cache.shape();
    operands.check(() -> numbers[8] = anyTwice(slots, positions, shape) ? 1 : 0);
    int width = numbers[5] * numbers[7];
    operands.launch(half ? Code.APPEND_F16 : Code.APPEND_F32, (long) (half ? width / 2 : width) * numbers[4], numbers);
    return true;
  }

  /** Whether two tokens write to the same place. */
  private static boolean anyTwice(Indices slots, Indices positions, Shape cache) {
    long[] slot = slots.check("slot", cache.dim(0));
    long[] position = positions.check("position", cache.dim(2));
    Set<Long> places = new HashSet<>();
    for (int t = 0; t < slot.length; t++) {
      if (!places.add(slot[t] * cache.dim(2) + position[t])) {
        return true;
      }
    }
    return false;
  }

  /** Checks the labels of all tokens, before every run. */
  static void checkLabels(Op op, Tensor labels, long classes, Operands operands) {
    Indices indices = new Indices(op, labels);
    operands.check(() -> {
      long[] all = indices.read();
      for (int t = 0; t < all.length; t++) {
        if (all[t] != Layer.CrossEntropy.IGNORE) {
          indices.check("label of token " + t, all[t], classes);
        }
      }
    });
  }

  private static boolean crossEntropy(Op op, Tensor[] inputs, Tensor y, Operands operands) {
    if (!Launches.areFloats(inputs[0])) {
      return false;
    }
    checkLabels(op, inputs[1], inputs[0].shape().dim(1), operands);
    operands.launchGroups(
        Code.CROSS_ENTROPY, y.elements(), 1, () -> NO_FACTORS, operands.read(inputs[0]), operands.read(inputs[1]),
        operands.written(y), size(inputs[0], 1));
    return true;
  }

  private static int size(Tensor tensor, int axis) {
    return Math.toIntExact(tensor.shape().dim(axis));
  }
}
