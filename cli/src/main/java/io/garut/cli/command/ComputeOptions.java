package io.garut.cli.command;

import io.garut.cli.ExitCode;
import io.garut.cli.Failure;
import io.garut.tensor.spi.Backends;
import picocli.CommandLine.Option;

/** What computes: {@code --device} and {@code --threads}. */
public final class ComputeOptions {
  private static final String PROPERTY = "garut.threads"; // the CPU backend reads it when it is first used

  private static final int MOST = 1024; // far more than processors only get in each other's way

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      description = "Threads that compute; one a processor unless given.")
  private Integer threads;

  /** A kind of device. */
  public enum Kind {
    /** Processors. */
    CPU,
    /** What TornadoVM finds first. */
    GPU,
    /** The GPU if there is one. */
    AUTO
  }

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "cpu, gpu (through TornadoVM, see garut devices), or auto: the GPU if there is one; cpu unless given.")
  private Kind device = Kind.CPU;

  /** Where picocli fills it in. */
  public ComputeOptions() {}

  /** Makes the number known to one of {@code processes} on this machine, which share the processors unless it was given. */
  public void apply(int processes) {
    if (threads == null && processes > 1) {
      System.setProperty(PROPERTY, Integer.toString(Math.max(1, Runtime.getRuntime().availableProcessors() / processes)));
    }
    apply();
  }

  /** Makes the number known; to be called before anything is computed. */
  public void apply() {
    boolean gpu = device != Kind.CPU
        && Backends.providers().stream().anyMatch(each -> each.name().equals("gpu") && each.isAvailable());
    if (device == Kind.GPU && !gpu) {
      throw new Failure(
          ExitCode.UNAVAILABLE,
          "no GPU is found: set TORNADOVM_HOME to an SDK of TornadoVM with a driver for one, and see garut devices");
    }
    System.setProperty(Backends.PROPERTY, gpu ? "gpu" : "cpu");
    if (threads == null) {
      return;
    }
    if (threads < 1) {
      throw Failure.usage("--threads " + threads + ": one thread at least must compute");
    }
    if (threads > MOST) {
      throw Failure.usage("--threads " + threads + ": " + MOST + " at most; as many as processors are fastest");
    }
    System.setProperty(PROPERTY, Integer.toString(threads));
  }
}
