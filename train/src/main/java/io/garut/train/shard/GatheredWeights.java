package io.garut.train.shard;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Op;
import io.garut.tensor.spi.Backend;
import io.garut.tensor.spi.Executor;
import io.garut.tensor.spi.Region;
import io.garut.train.StepGroup.Whole;
import io.garut.train.comm.AsyncCollective;
import io.garut.train.optim.Offload;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Stage 3: weights that are whole only inside their regions. Entering one gathers them from all ranks, leaving it lets them
 * go, on the way there and on the way back. While a region computes, the one that followed it the last time is on its way. For
 * one thread.
 */
public final class GatheredWeights implements AutoCloseable {
  private final AsyncCollective ranks;
  private final Offload offload;
  private final Map<Tensor, Tensor> own = new LinkedHashMap<>(); // the part of each cut weight
  private final Map<Step, Region> followers = new HashMap<>();
  private String before = "";
  private String now = "";
  private Fetch ahead;

  /** A region, and the one before it: on the way back the same regions come in another order. */
  private record Step(String before, String now) {}

  /** Has no weights yet; the caller closes {@code ranks}. */
  public GatheredWeights(AsyncCollective ranks) {
    this(ranks, Offload.NONE);
  }

  /** The same with this rank's parts of weights and gradients where {@code offload}, which the caller closes, has them. */
  public GatheredWeights(AsyncCollective ranks, Offload offload) {
    this.ranks = ranks;
    this.offload = offload;
  }

  /** Takes {@code weight} if it is one that is cut: its memory goes, but for this rank's part. */
  public void take(Tensor weight) {
    if (Cut.applies(weight, ranks.size())) {
      Cut cut = Cut.of(weight, ranks.size());
      Tensor part = Parts.empty(weight.dtype(), cut.length(ranks.rank()), offload);
      part.segment().copyFrom(Parts.segment(weight, cut, ranks.rank()));
      offload.done(List.of(part));
      own.put(weight, part);
      weight.relocate(new Absent());
    }
  }

  /** This rank's part of {@code weight}, null if that is not cut. */
  Tensor own(Tensor weight) {
    return own.get(weight);
  }

  Offload offload() {
    return offload;
  }

  /** Gathers in the regions of what {@code inner} computes. */
  Executor executor(Executor inner) {
    return new Executor() {
      @Override
      public Tensor[] apply(Op op, Tensor... inputs) {
        return inner.apply(op, inputs);
      }

      @Override
      public Backend backend() {
        return inner.backend();
      }

      @Override
      public Tensor region(Region region, Tensor input, UnaryOperator<Tensor> body) {
        try (Whole _ = enter(region)) {
          return inner.region(region, input, body);
        }
      }

      @Override
      public void regionBack(Region region, Runnable body) {
        try (Whole _ = enter(region)) {
          inner.regionBack(region, body);
        }
      }
    };
  }

  private Whole enter(Region region) {
    Fetch fetch = ahead;
    ahead = null;
    if (fetch != null && !fetch.isOf(region.name())) {
      fetch.drop(); // another came than the last time
      fetch = null;
    }
    if (fetch == null) {
      fetch = new Fetch(region.name(), absent(region.weights()));
    }
    if (!now.isEmpty()) {
      followers.put(new Step(before, now), region);
    }
    before = now;
    now = region.name();
    Region next = followers.get(new Step(before, now));
    Whole gathered = fetch.arrive();
    if (next != null && !next.name().equals(region.name())) { // the way back begins where the way there ends
      ahead = new Fetch(next.name(), missingAfter(fetch, next.weights()));
    }
    return gathered;
  }

  /** Told when weights are about to change, or other regions to come: nothing is on its way then. */
  void pause() {
    if (ahead != null) {
      ahead.drop();
      ahead = null;
    }
    before = "";
    now = "";
  }

  private List<Tensor> absent(List<Tensor> weights) {
    return weights.stream().filter(weight -> own.containsKey(weight) && weight.storage() instanceof Absent).distinct().toList();
  }

  /** Those that will not be whole once {@code fetch} has been let go. */
  private List<Tensor> missingAfter(Fetch fetch, List<Tensor> weights) {
    Set<Tensor> missing = new LinkedHashSet<>(absent(weights));
    fetch.arrivals.forEach(arrival -> arrival.weights().stream().filter(weights::contains).forEach(missing::add));
    return List.copyOf(missing);
  }

  /** Gathers, on all ranks together, all that are cut and not whole already. */
  Whole all() {
    pause();
    Whole gathered = new Fetch("the model", absent(List.copyOf(own.keySet()))).arrive();
    return () -> {
      pause();
      gathered.close();
    };
  }

  /** Weights that are on their way. */
  private final class Fetch {
    private final String what;
    private final List<Arrival> arrivals = new ArrayList<>();

    Fetch(String what, List<Tensor> weights) {
      this.what = what;
      Map<DType, List<Tensor>> byType = new LinkedHashMap<>(); // an operation is of one type
      weights.forEach(weight -> byType.computeIfAbsent(weight.dtype(), type -> new ArrayList<>()).add(weight));
      byType.values().forEach(some -> arrivals.add(Arrival.start(what, ranks, some, some.stream().map(own::get).toList())));
    }

    boolean isOf(String region) {
      return what.equals(region);
    }

    /** Waits for them, and has them whole until the result is closed. */
    Whole arrive() {
      for (Arrival arrival : arrivals) {
        arrival.place();
        offload.done(arrival.weights().stream().map(own::get).toList());
      }
      return () -> arrivals.forEach(Arrival::remove);
    }

    void drop() {
      arrivals.forEach(Arrival::drop);
    }
  }

  @Override
  public void close() {
    pause();
    own.values().forEach(Tensor::close);
  }
}
