package io.garut.gpu;

import io.garut.gpu.kernel.Kernels;
import io.garut.tensor.spi.DeviceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A device of TornadoVM: two arenas, and one execution plan with a graph for each kernel. Arrays are bound when a graph is made
 * and a graph is compiled when it first runs; with all tensors in the same arenas that happens once for a kernel, whatever it
 * computes on. For any number of threads, one launch at a time.
 */
final class Device implements AutoCloseable {
  static final int PARAMETERS = 64;
  static final int FACTORS = 16;
  private static final int HEADER = 16; // TornadoVM's, before the elements of an array
  private static final int[] STAGES = {1 << 12, 1 << 20}; // elements that go up or down at once

  private final KernelContext context = new KernelContext();
  private final FloatArray floats;
  private final IntArray words;
  private final IntArray parameters = new IntArray(PARAMETERS);
  private final FloatArray factors = new FloatArray(FACTORS);
  private final FloatArray[] floatStages = new FloatArray[STAGES.length];
  private final IntArray[] wordStages = new IntArray[STAGES.length];
  private final List<WorkerGrid2D> grids = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private final GridScheduler scheduler = new GridScheduler();
  private final TornadoExecutionPlan plan;
  private final Arena arena = Arena.ofShared();
  private final DeviceMemory floatMemory;
  private final DeviceMemory wordMemory;

  /**
   * Takes {@code floatBytes} and {@code wordBytes} of the device.
   *
   * @throws DeviceException if there is no device, or not enough memory
   */
  Device(long floatBytes, long wordBytes) {
    int floatElements = elements(floatBytes);
    int wordElements = elements(wordBytes);
    floatMemory = new DeviceMemory("floats", floatElements);
    wordMemory = new DeviceMemory("words", wordElements);
    floats = FloatArray.fromSegmentShallow(twin(floatElements));
    words = IntArray.fromSegmentShallow(twin(wordElements));
    List<ImmutableTaskGraph> graphs = new ArrayList<>();
    // the arenas are only written to here, without a condition: anything else would copy all of their twins to the device
    graphs.add(named("make")
        .task("t", Kernels::kMake, context, floats, words)
        .persistOnDevice(floats, words)
        .snapshot());
    for (Code code : Code.values()) {
      graphs.add(named(code.name())
          .consumeFromDevice("make", floats, words)
          .transferToDevice(DataTransferMode.EVERY_EXECUTION, parameters, factors)
          .task("t", code.task(), context, floats, words, parameters, factors)
          .persistOnDevice(floats, words)
          .snapshot());
    }
    for (int i = 0; i < STAGES.length; i++) {
      floatStages[i] = new FloatArray(STAGES[i]);
      wordStages[i] = new IntArray(STAGES[i]);
    }
    for (int i = 0; i < STAGES.length; i++) {
      graphs.add(named("putFloats" + i)
          .consumeFromDevice("make", floats, words)
          .transferToDevice(DataTransferMode.EVERY_EXECUTION, floatStages[i], parameters)
          .task("t", Kernels::kPutFloats, context, floats, floatStages[i], parameters)
          .persistOnDevice(floats, words)
          .snapshot());
      graphs.add(named("getFloats" + i)
          .consumeFromDevice("make", floats, words)
          .transferToDevice(DataTransferMode.EVERY_EXECUTION, parameters)
          .task("t", Kernels::kGetFloats, context, floats, floatStages[i], parameters)
          .transferToHost(DataTransferMode.EVERY_EXECUTION, floatStages[i])
          .persistOnDevice(floats, words)
          .snapshot());
      graphs.add(named("putWords" + i)
          .consumeFromDevice("make", floats, words)
          .transferToDevice(DataTransferMode.EVERY_EXECUTION, wordStages[i], parameters)
          .task("t", Kernels::kPutWords, context, words, wordStages[i], parameters)
          .persistOnDevice(floats, words)
          .snapshot());
      graphs.add(named("getWords" + i)
          .consumeFromDevice("make", floats, words)
          .transferToDevice(DataTransferMode.EVERY_EXECUTION, parameters)
          .task("t", Kernels::kGetWords, context, words, wordStages[i], parameters)
          .transferToHost(DataTransferMode.EVERY_EXECUTION, wordStages[i])
          .persistOnDevice(floats, words)
          .snapshot());
    }
    plan = new TornadoExecutionPlan(graphs.toArray(ImmutableTaskGraph[]::new));
    run(0, 1, 1, 1, 1);
  }

  private static int elements(long bytes) {
    return (int) Math.min(Integer.MAX_VALUE - HEADER, bytes / Float.BYTES);
  }

  private TaskGraph named(String name) {
    WorkerGrid2D grid = new WorkerGrid2D(1, 1);
    grids.add(grid);
    names.add(name);
    scheduler.addWorkerGrid(name + ".t", grid);
    return new TaskGraph(name);
  }

  /** What TornadoVM wants beside every array on the device: memory of the host, of which no page is ever touched. */
  private MemorySegment twin(long elements) {
    try {
      Path file = Files.createTempFile("garut-gpu-", ".bin");
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        return channel.map(FileChannel.MapMode.READ_WRITE, 0, HEADER + Float.BYTES * elements, arena);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  DeviceMemory floatMemory() {
    return floatMemory;
  }

  DeviceMemory wordMemory() {
    return wordMemory;
  }

  /**
   * Runs {@code code}.
   *
   * @param numbers the kernel's parameters
   * @param factors its factors
   * @param x work items along x, a multiple of {@code localX}
   * @param y the same along y
   */
  synchronized void launch(Code code, int[] numbers, float[] factors, long x, long y, int localX, int localY) {
    for (int i = 0; i < numbers.length; i++) {
      parameters.set(i, numbers[i]);
    }
    for (int i = 0; i < factors.length; i++) {
      this.factors.set(i, factors[i]);
    }
    run(1 + code.ordinal(), x, y, localX, localY);
  }

  private void run(int graph, long x, long y, int localX, int localY) {
    WorkerGrid2D grid = grids.get(graph);
    grid.setGlobalWork(x, y, 1);
    grid.setLocalWork(localX, localY, 1);
    try {
      plan.withGraph(graph).withGridScheduler(scheduler).execute();
    } catch (RuntimeException e) { // TornadoVM's have no type in common
      throw new DeviceException("the kernel '" + names.get(graph) + "' did not run on the device: " + reason(e), e);
    }
  }

  private static String reason(Throwable e) {
    Throwable last = e;
    while (last.getCause() != null) {
      last = last.getCause();
    }
    String message = last.getMessage() == null ? last.toString() : last.getMessage();
    return message.replaceAll("\u001B\\[[0-9;]*m|\\s+", " ").strip(); // it may be in colours, and of several lines
  }

  /** Copies 32-bit elements of the host into a range. */
  synchronized void put(MemorySegment from, boolean isFloat, int begin) {
    move(from, isFloat, begin, true);
  }

  /** Copies 32-bit elements of a range to the host. */
  synchronized void get(MemorySegment to, boolean isFloat, int begin) {
    move(to, isFloat, begin, false);
  }

  private void move(MemorySegment host, boolean isFloat, int begin, boolean up) {
    long bytes = host.byteSize();
    for (long at = 0; at < bytes; ) {
      int stage = bytes - at <= Float.BYTES * (long) STAGES[0] ? 0 : 1;
      long some = Math.min(bytes - at, Float.BYTES * (long) STAGES[stage]);
      int count = (int) Math.ceilDiv(some, Float.BYTES);
      MemorySegment staged = (isFloat ? floatStages[stage].getSegment() : wordStages[stage].getSegment()).asSlice(0, some);
      if (up) {
        staged.copyFrom(host.asSlice(at, some));
      }
      parameters.set(0, begin + (int) (at / Float.BYTES));
      parameters.set(1, count);
      int graph = 1 + Code.values().length + 4 * stage + (isFloat ? 0 : 2) + (up ? 0 : 1);
      run(graph, Math.ceilDiv(count, 64) * 64L, 1, 64, 1);
      if (!up) {
        MemorySegment.copy(staged, ValueLayout.JAVA_BYTE, 0, host, ValueLayout.JAVA_BYTE, at, some);
      }
      at += some;
    }
  }

  @Override
  public synchronized void close() {
    plan.freeDeviceMemory();
    arena.close();
  }
}
