package io.garut.train.shard;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.spi.Executor;
import io.garut.train.StepGroup;
import io.garut.train.autograd.Gradients;
import io.garut.train.autograd.RegionRules;
import io.garut.train.comm.AsyncCollective;
import io.garut.train.comm.Piece;
import io.garut.train.optim.GradientNorm;
import io.garut.train.optim.Offload;
import io.garut.train.optim.Owned;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * One rank of a group that trains a model with ZeRO (Rajbhandari et al., 2020). What a step computes is what one rank alone
 * would compute: the gradients of micro-batches are summed along one binary tree over their indices within the step, and norms
 * in the order of parameters; where the number of ranks is a power of two, to the bit.
 *
 * <p>In a round the ranks compute neighbouring micro-batches, and sum these. Stages 0 and 1, which need sum only at the end of
 * a step, have each rank compute a row of them instead, where that gives the same tree: where all ranks have equally many, a
 * power of two.
 *
 * <p>For one thread.
 */
public final class ShardedGroup implements StepGroup {
  private static final long MOST_BUCKET_BYTES = 32L << 20;
  private static final int BUCKETS = 64; // with fewer, gradients would wait in memory for much of the way
  private static final int MESSAGE_BYTES = 1024;

  private final AsyncCollective ranks;
  private final ZeroStage stage;
  private final List<Tensor> parameters;
  private final GatheredWeights gathered;
  private final long bucketBytes;
  private final List<Owned> owned = new ArrayList<>();
  private boolean everyRound;
  private GradientParts current;

  /**
   * A rank of a group in stage 0, 1 or 2.
   *
   * @param ranks closed by the caller
   * @param parameters what is trained
   */
  public ShardedGroup(AsyncCollective ranks, ZeroStage stage, List<Tensor> parameters) {
    this(ranks, stage, parameters, Offload.NONE);
  }

  /** The same, in stage 2 with this rank's parts of gradients where {@code offload}, which the caller closes, has them. */
  public ShardedGroup(AsyncCollective ranks, ZeroStage stage, List<Tensor> parameters, Offload offload) {
    this(ranks, stage, new GatheredWeights(ranks, offload), parameters);
    if (stage == ZeroStage.THREE) {
      throw new IllegalArgumentException("stage 3 gathers weights: say which");
    }
  }

  /**
   * A rank of a group in stage 3.
   *
   * @param ranks closed by the caller
   * @param gathered has taken the model's weights, those included that are not trained; closed with this. What it has not
   *     taken, such as an adapter, stays whole, as in stage 2
   * @param parameters what is trained
   */
  public ShardedGroup(AsyncCollective ranks, GatheredWeights gathered, List<Tensor> parameters) {
    this(ranks, ZeroStage.THREE, gathered, parameters);
  }

  private ShardedGroup(AsyncCollective ranks, ZeroStage stage, GatheredWeights gathered, List<Tensor> parameters) {
    this.ranks = ranks;
    this.stage = stage;
    this.parameters = List.copyOf(parameters);
    this.gathered = gathered;
    long gradients = parameters.stream().mapToLong(parameter -> DType.F32.bytes(parameter.elements())).sum();
    bucketBytes = Math.min(MOST_BUCKET_BYTES, gradients / BUCKETS);
    for (Tensor parameter : parameters) {
      if (!stage.includes(ZeroStage.ONE) || !isCut(parameter)) {
        owned.add(Owned.whole(parameter));
      } else if (cut(parameter).length(ranks.rank()) > 0) {
        Tensor part = isTaken(parameter)
            ? gathered.own(parameter)
            : Parts.view(parameter, cut(parameter), ranks.rank());
        owned.add(new Owned(parameter, cut(parameter).from(ranks.rank()), part));
      }
    }
  }

  private boolean isTaken(Tensor weight) {
    return gathered.own(weight) != null;
  }

  private boolean isCut(Tensor weight) {
    return Cut.applies(weight, ranks.size());
  }

  private Cut cut(Tensor weight) {
    return Cut.of(weight, ranks.size());
  }

  private List<Tensor> cutParameters() {
    return parameters.stream().filter(this::isCut).toList();
  }

  @Override
  public List<Round> rounds(int microBatches) {
    int size = ranks.size();
    int each = microBatches / size;
    everyRound = stage.includes(ZeroStage.TWO) || microBatches % size != 0 || Integer.bitCount(each) != 1;
    if (!everyRound) {
      return IntStream.range(0, each).mapToObj(i -> new Round(ranks.rank() * each + i, true)).toList();
    }
    return IntStream.range(0, Math.ceilDiv(microBatches, size))
        .map(round -> round * size + ranks.rank())
        .mapToObj(i -> i < microBatches ? new Round(i, true) : new Round(microBatches - 1, false))
        .toList();
  }

  @Override
  public Executor executor(Executor inner) {
    return stage == ZeroStage.THREE ? gathered.executor(inner) : inner;
  }

  @Override
  public RegionRules rules(Round round, RegionRules usual) {
    if (!everyRound) {
      return usual;
    }
    current = new GradientParts(ranks, round.counts(), bucketBytes, usual, gathered.offload());
    return current;
  }

  @Override
  public Gradients afterRound(Round round, Gradients own) {
    if (!everyRound) {
      return own;
    }
    current.finish();
    gathered.pause();
    List<Tensor> wholes = parameters.stream().filter(parameter -> !isCut(parameter)).map(own::of).toList();
    GradientParts.sumWhole(ranks, wholes, round.counts());
    return own.withLoss(sum(own.loss(), round.counts()));
  }

  @Override
  public Gradients afterRounds(Gradients sum) {
    if (!everyRound) {
      return stage == ZeroStage.ZERO ? wholeSum(sum) : parts(sum);
    }
    return stage == ZeroStage.ZERO ? whole(sum) : sum;
  }

  /** Whole gradients, summed over the ranks in place. */
  private Gradients wholeSum(Gradients own) {
    GradientParts.sumWhole(ranks, parameters.stream().map(own::of).toList(), true);
    return own.withLoss(sum(own.loss(), true));
  }

  /** Whole gradients, summed and cut. */
  private Gradients parts(Gradients own) {
    GradientParts cutting = new GradientParts(ranks, true, bucketBytes, RegionRules.KEEPING, Offload.NONE);
    Map<Tensor, Tensor> all = new LinkedHashMap<>();
    List<Tensor> wholes = new ArrayList<>();
    for (Tensor parameter : parameters) {
      Tensor gradient = own.of(parameter);
      Tensor part = cutting.complete(parameter, gradient);
      all.put(parameter, part);
      if (part == gradient) {
        wholes.add(gradient);
      } else {
        gradient.close(); // the bucket holds its memory
      }
    }
    cutting.finish();
    GradientParts.sumWhole(ranks, wholes, true);
    return new Gradients(sum(own.loss(), true), all);
  }

  /** Gradients in parts, gathered. */
  private Gradients whole(Gradients parts) {
    Map<Tensor, Tensor> all = new LinkedHashMap<>();
    for (Tensor parameter : parameters) {
      Tensor part = parts.of(parameter);
      if (isCut(parameter)) {
        Tensor whole = Tensor.empty(part.dtype(), parameter.shape()).keep();
        allGather("the gradient of " + parameter.name(), Parts.of(List.of(part)), Parts.ofRanks(List.of(whole), ranks.size()));
        part.close();
        all.put(parameter, whole);
      } else {
        all.put(parameter, part);
      }
    }
    return new Gradients(parts.loss(), all);
  }

  /** The sum of a number of each rank that counts, along the tree that gradients are summed along. */
  private double sum(double own, boolean counts) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment all = arena.allocate(ValueLayout.JAVA_DOUBLE, ranks.size());
      all.setAtIndex(ValueLayout.JAVA_DOUBLE, ranks.rank(), own);
      List<Piece> pieces = IntStream.range(0, ranks.size())
          .mapToObj(rank -> Piece.of(DType.F64, all.asSlice((long) rank * Double.BYTES, Double.BYTES)))
          .toList();
      BitSet present = allGather("the loss", counts ? pieces.get(ranks.rank()) : Piece.ABSENT, pieces);
      return sum(all, present, 0, Math.max(1, 2 * Integer.highestOneBit(ranks.size() - 1)));
    }
  }

  private BitSet allGather(String what, Piece own, List<Piece> ofRank) {
    return ranks.submit(all -> all.allGather(what, own, ofRank)).await();
  }

  private static double sum(MemorySegment all, BitSet present, int from, int count) {
    if (count == 1) {
      return all.getAtIndex(ValueLayout.JAVA_DOUBLE, from);
    }
    int half = count / 2;
    boolean left = hasAny(present, from, half);
    boolean right = hasAny(present, from + half, half);
    double first = left ? sum(all, present, from, half) : 0;
    double second = right ? sum(all, present, from + half, half) : 0;
    return !right ? first : !left ? second : first + second;
  }

  private static boolean hasAny(BitSet present, int from, int count) {
    int next = present.nextSetBit(from);
    return next >= 0 && next < from + count;
  }

  @Override
  public GradientNorm norm(Gradients gradients) {
    if (stage == ZeroStage.ZERO) {
      return GradientNorm.of(parameters, gradients);
    }
    List<double[]> own = new ArrayList<>();
    for (Tensor parameter : parameters) {
      Tensor gradient = gradients.of(parameter);
      own.add(isCut(parameter) ? squares(gradient) : new double[0]);
      gathered.offload().done(List.of(gradient));
    }
    int[] runs = IntStream.range(0, ranks.size())
        .map(rank -> cutParameters().stream().mapToInt(p -> cut(p).runs(rank)).sum())
        .toArray();
    try (Arena arena = Arena.ofShared()) {
      List<MemorySegment> segments =
          IntStream.of(runs).mapToObj(count -> arena.allocate(ValueLayout.JAVA_DOUBLE, count)).toList();
      long at = 0;
      for (double[] some : own) {
        MemorySegment.copy(some, 0, segments.get(ranks.rank()), ValueLayout.JAVA_DOUBLE, at, some.length);
        at += (long) some.length * Double.BYTES;
      }
      List<Piece> pieces = segments.stream().map(segment -> Piece.of(DType.F64, segment)).toList();
      allGather("the squares of the gradients", pieces.get(ranks.rank()), pieces);
      return GradientNorm.of(parameters, inOrder(gradients, segments));
    }
  }

  /** The squares of every parameter, of which {@code segments} hold those of the cut ones, rank by rank. */
  private List<double[]> inOrder(Gradients gradients, List<MemorySegment> segments) {
    long[] at = new long[segments.size()];
    List<double[]> all = new ArrayList<>();
    for (Tensor parameter : parameters) {
      if (!isCut(parameter)) {
        all.add(squares(gradients.of(parameter)));
        continue;
      }
      Cut cut = cut(parameter);
      double[] squares = new double[IntStream.range(0, at.length).map(cut::runs).sum()];
      int filled = 0;
      for (int rank = 0; rank < at.length; rank++) {
        MemorySegment.copy(segments.get(rank), ValueLayout.JAVA_DOUBLE, at[rank], squares, filled, cut.runs(rank));
        at[rank] += (long) cut.runs(rank) * Double.BYTES;
        filled += cut.runs(rank);
      }
      all.add(squares);
    }
    return all;
  }

  private static double[] squares(Tensor gradient) {
    return gradient.elements() == 0 ? new double[0] : GradientNorm.squares(gradient);
  }

  @Override
  public List<Owned> owned() {
    return List.copyOf(owned);
  }

  @Override
  public void updated() {
    for (Tensor parameter : cutParameters()) {
      if (stage.includes(ZeroStage.ONE) && !isTaken(parameter)) {
        List<Piece> pieces = Parts.ofRanks(List.of(parameter), ranks.size());
        allGather(parameter.name(), pieces.get(ranks.rank()), pieces);
      }
    }
  }

  @Override
  public int rank() {
    return ranks.rank();
  }

  @Override
  public int size() {
    return ranks.size();
  }

  @Override
  public boolean isSharedOut() {
    return ranks.size() > 1 || stage == ZeroStage.THREE;
  }

  @Override
  public long fromFirst(long own) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment number = arena.allocateFrom(ValueLayout.JAVA_LONG, own);
      ranks.execute(all -> all.broadcast("a number", 0, Piece.of(DType.I64, number))).await();
      return number.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  @Override
  public Optional<String> problem(Optional<String> own) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment all = arena.allocate((long) MESSAGE_BYTES * ranks.size());
      List<Piece> pieces = IntStream.range(0, ranks.size())
          .mapToObj(rank -> Piece.of(DType.BOOL, all.asSlice((long) rank * MESSAGE_BYTES, MESSAGE_BYTES)))
          .toList();
      own.ifPresent(message -> put(message, all.asSlice((long) ranks.rank() * MESSAGE_BYTES, MESSAGE_BYTES)));
      BitSet present =
          allGather("what is wrong", own.isPresent() ? pieces.get(ranks.rank()) : Piece.ABSENT, pieces);
      int first = present.nextSetBit(0);
      return first < 0 ? Optional.empty() : Optional.of(all.getString((long) first * MESSAGE_BYTES));
    }
  }

  private static void put(String message, MemorySegment to) {
    byte[] text = message.getBytes(StandardCharsets.UTF_8);
    MemorySegment.copy(text, 0, to, ValueLayout.JAVA_BYTE, 0, Math.min(text.length, MESSAGE_BYTES - 1));
  }

  @Override
  public Whole whole() {
    return gathered.all();
  }

  @Override
  public void close() {
    owned.stream().filter(each -> !each.isWhole() && !isTaken(each.parameter())).forEach(each -> each.part().close());
    gathered.close();
  }
}
