package io.garut.train.shard;

import io.garut.tensor.Tensor;
import io.garut.tensor.spi.Region;
import io.garut.train.autograd.RegionRules;
import io.garut.train.comm.AsyncCollective;
import io.garut.train.comm.Pending;
import io.garut.train.comm.Piece;
import io.garut.train.optim.Offload;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/**
 * Sums gradients over the ranks of a round, and leaves each rank its part. Takes them as the way back completes them, in
 * buckets, since many small operations would wait more than they send; and goes on while these are under way.
 */
final class GradientParts implements RegionRules {
  private static final int UNDER_WAY = 1;

  private final AsyncCollective ranks;
  private final boolean counts;
  private final long bucketBytes;
  private final RegionRules usual;
  private final Offload offload;
  private final List<Tensor> gradients = new ArrayList<>(); // of the bucket, views that hold their memory
  private final List<Tensor> parts = new ArrayList<>();
  private final Deque<Bucket> underWay = new ArrayDeque<>();
  private String first;
  private long bytes;

  /** What is being summed. */
  private record Bucket(List<Tensor> gradients, List<Tensor> parts, Pending<?> operation) {}

  /**
   * For one round.
   *
   * @param counts whether this rank's gradients are added
   * @param offload where its parts lie
   */
  GradientParts(AsyncCollective ranks, boolean counts, long bucketBytes, RegionRules usual, Offload offload) {
    this.ranks = ranks;
    this.counts = counts;
    this.bucketBytes = bucketBytes;
    this.usual = usual;
    this.offload = offload;
  }

  @Override
  public boolean recomputed(Region region) {
    return usual.recomputed(region);
  }

  @Override
  public Tensor complete(Tensor parameter, Tensor gradient) {
    if (!Cut.applies(parameter, ranks.size())) {
      return gradient;
    }
    Tensor part = Parts.empty(gradient.dtype(), Cut.of(parameter, ranks.size()).length(ranks.rank()), offload);
    gradients.add(gradient.detach().keep());
    parts.add(part);
    first = first == null ? parameter.name() : first;
    bytes += gradient.spec().bytes();
    if (bytes >= bucketBytes) {
      start();
    }
    return part;
  }

  private void start() {
    List<Piece> sent = counts
        ? Parts.ofRanks(gradients, ranks.size())
        : Collections.nCopies(ranks.size(), Piece.ABSENT);
    Piece sum = Parts.of(parts);
    String what = "the gradients from " + first + " on";
    Pending<?> operation = ranks.submit(group -> group.reduceScatter(what, sent, sum));
    underWay.add(new Bucket(List.copyOf(gradients), List.copyOf(parts), operation));
    gradients.clear();
    parts.clear();
    first = null;
    bytes = 0;
    while (underWay.size() > UNDER_WAY) {
      end(underWay.remove());
    }
  }

  private void end(Bucket bucket) {
    try {
      bucket.operation.await();
    } finally {
      bucket.gradients.forEach(Tensor::close);
    }
    offload.done(bucket.parts);
  }

  /** Sums what is left, and waits until all is summed. */
  void finish() {
    if (!gradients.isEmpty()) {
      start();
    }
    while (!underWay.isEmpty()) {
      end(underWay.remove());
    }
  }

  /** Sums whole gradients over the ranks, in place. */
  static void sumWhole(AsyncCollective ranks, List<Tensor> wholes, boolean counts) {
    if (!wholes.isEmpty()) {
      Piece all = Parts.of(wholes);
      ranks.submit(group -> group.allReduce("the gradients that are not cut", counts ? all : Piece.ABSENT, all)).await();
    }
  }
}
