package io.garut.cli.training;

import io.garut.cli.Failure;
import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Memory;
import io.garut.cli.terminal.Numbers;
import io.garut.train.MemoryNeed;
import io.garut.train.optim.Optimizer;
import io.garut.train.shard.ZeroStage;
import io.garut.transformer.NeoXConfig;
import java.util.OptionalLong;

/** Which stage of ZeRO a run takes: each stage more sends more, or reads more, so the lowest that fits is the cheapest. */
final class StageChoice {
  private final Console console;
  private final RunOptions options;
  private final RankOptions ranks;
  private final boolean adapter;

  StageChoice(Console console, RunOptions options, RankOptions ranks, boolean adapter) {
    this.console = console;
    this.options = options;
    this.ranks = ranks;
    this.adapter = adapter;
  }

  /**
   * The highest that {@code optimizer} allows: one that looks at whole matrices finds none where these are cut. One rank keeps
   * them whole up to stage 1.
   */
  private ZeroStage highest(Optimizer optimizer) {
    if (optimizer.isElementwise()) {
      return ZeroStage.THREE;
    }
    return ranks.size() == 1 ? ZeroStage.ONE : ZeroStage.ZERO;
  }

  /** The one that was asked for, or the lowest of which all ranks fit into the memory that is free; says why. */
  ZeroStage stage(NeoXConfig config, MemoryNeed whole, Optimizer optimizer) {
    ZeroStage highest = highest(optimizer);
    if (ranks.stage().isPresent() && !highest.includes(ranks.stage().get())) {
      throw Failure.usage(
          "--zero " + ranks.stage().get().ordinal() + ": adafactor looks at whole matrices, which this stage cuts; say --zero "
              + highest.ordinal() + ", or --optimizer adamw or sgd");
    }
    boolean onDisk = options.offload == RunOptions.Place.DISK;
    if (ranks.size() == 1 && !onDisk) {
      return ZeroStage.ZERO;
    }
    if (ranks.stage().isPresent()) {
      return ranks.stage().get();
    }
    OptionalLong available = Memory.available();
    if (adapter || available.isEmpty()) {
      console.note("stage 0: " + (adapter ? "an adapter has little to share out" : "free memory is not known here"));
      return ZeroStage.ZERO;
    }
    long each = available.getAsLong() / ranks.besides();
    for (ZeroStage stage : ZeroStage.values()) {
      long need = whole.sharedOut(stage, ranks.size(), config, onDisk).total();
      if (need <= each || stage == highest) {
        String who = ranks.size() == 1 ? "the run" : "a rank";
        console.note(
            "stage " + stage.ordinal() + ": " + who + " takes " + Numbers.bytes(need) + " of memory then, and has "
                + Numbers.bytes(each) + (need > each && !optimizer.isElementwise() ? "; adafactor allows no higher one" : ""));
        return stage;
      }
    }
    throw new AssertionError("the highest ends the loop");
  }
}
