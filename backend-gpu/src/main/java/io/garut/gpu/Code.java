package io.garut.gpu;

import io.garut.gpu.kernel.AttentionBackwardKernels;
import io.garut.gpu.kernel.AttentionKernels;
import io.garut.gpu.kernel.CacheKernels;
import io.garut.gpu.kernel.CastKernels;
import io.garut.gpu.kernel.CreationKernels;
import io.garut.gpu.kernel.IndexingKernels;
import io.garut.gpu.kernel.LayerKernels;
import io.garut.gpu.kernel.LinearKernels;
import io.garut.gpu.kernel.LogicKernels;
import io.garut.gpu.kernel.MovementKernels;
import io.garut.gpu.kernel.NormKernels;
import io.garut.gpu.kernel.PointwiseKernels;
import io.garut.gpu.kernel.ProductKernels;
import io.garut.gpu.kernel.ReductionKernels;
import io.garut.gpu.kernel.UpdateKernels;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task5;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The kernels, each with its code. */
enum Code {
  UNARY(PointwiseKernels::kUnary),
  ACTIVATE(PointwiseKernels::kActivate),
  BINARY(PointwiseKernels::kBinary),
  BINARY_WORDS(PointwiseKernels::kBinaryWords),
  COMPARE_FLOATS(LogicKernels::kCompareFloats),
  COMPARE_WORDS(LogicKernels::kCompareWords),
  WHERE_FLOATS(LogicKernels::kWhereFloats),
  WHERE_WORDS(LogicKernels::kWhereWords),
  WHOLE_TO_FLOAT(CastKernels::kWholeToFloat),
  FLOAT_TO_WHOLE(CastKernels::kFloatToWhole),
  BRAIN_TO_FLOAT(CastKernels::kBrainToFloat),
  HALF_TO_FLOAT(CastKernels::kHalfToFloat),

  LINEAR_F32(LinearKernels::kLinearF32),
  LINEAR_HALF(LinearKernels::kLinearHalf),
  LINEAR_Q8(LinearKernels::kLinearQ8),
  LINEAR_Q4(LinearKernels::kLinearQ4),
  PRODUCT(ProductKernels::kProduct),
  PRODUCT_ROW(ProductKernels::kProductRow),
  LAYER_NORM(NormKernels::kLayerNorm),
  NORMED(NormKernels::kNormed),
  NORM_SUMS(NormKernels::kNormSums),
  LAYER_NORM_BACKWARD(NormKernels::kLayerNormBackward),
  ROTARY(LayerKernels::kRotary),
  EMBEDDING(LayerKernels::kEmbedding),
  CROSS_ENTROPY(LayerKernels::kCrossEntropy),
  CROSS_ENTROPY_BACKWARD(LayerKernels::kCrossEntropyBackward),
  SLOPE(LayerKernels::kSlope),
  APPEND_F32(CacheKernels::kAppendF32),
  APPEND_F16(CacheKernels::kAppendF16),
  ATTENTION(AttentionKernels::kAttention),
  CACHED_F32(AttentionKernels::kCachedF32),
  CACHED_F16(AttentionKernels::kCachedF16),
  ATTENTION_NORMS(AttentionBackwardKernels::kAttentionNorms),
  ATTENTION_KEYS(AttentionBackwardKernels::kAttentionKeys),
  ATTENTION_QUERIES(AttentionBackwardKernels::kAttentionQueries),

  ADD_TO(UpdateKernels::kAdd),
  SCALE(UpdateKernels::kScale),
  ADAM_W(UpdateKernels::kAdamW),
  SGD(UpdateKernels::kSgd),

  COPY_FLOATS(MovementKernels::kCopyFloats),
  COPY_WORDS(MovementKernels::kCopyWords),

  FOLD(ReductionKernels::kFold),
  FOLD_GROUP(ReductionKernels::kFoldGroup),
  SOFTMAX(ReductionKernels::kSoftmax),
  ARG_MAX(ReductionKernels::kArgMax),
  NON_FINITE(ReductionKernels::kNonFinite),
  FIRST(ReductionKernels::kFirst),
  SQUARE_SUMS(ReductionKernels::kSquareSums),

  SELECT_FLOATS(IndexingKernels::kSelectFloats),
  SELECT_WORDS(IndexingKernels::kSelectWords),
  GATHER_FLOATS(IndexingKernels::kGatherFloats),
  GATHER_WORDS(IndexingKernels::kGatherWords),
  SCATTER_FLOATS(IndexingKernels::kScatterFloats),
  SEGMENT_SUM(IndexingKernels::kSegmentSum),

  FILL_FLOATS(CreationKernels::kFillFloats),
  FILL_WORDS(CreationKernels::kFillWords),
  RAND(CreationKernels::kRand);

  @SuppressWarnings("ImmutableEnumChecker") // a reference to a static method
  private final Task5<KernelContext, FloatArray, IntArray, IntArray, FloatArray> task;

  Code(Task5<KernelContext, FloatArray, IntArray, IntArray, FloatArray> task) {
    this.task = task;
  }

  Task5<KernelContext, FloatArray, IntArray, IntArray, FloatArray> task() {
    return task;
  }
}
