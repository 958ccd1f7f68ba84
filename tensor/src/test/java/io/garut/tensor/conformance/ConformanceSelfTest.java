package io.garut.tensor.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.tensor.DType;
import io.garut.tensor.Tensor;
import io.garut.tensor.op.Op;
import io.garut.tensor.reference.ReferenceKernels;
import io.garut.tensor.spi.Backend;
import io.garut.tensor.spi.Kernel;
import io.garut.tensor.spi.KernelBackend;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The suite notices what it is there to notice, for every operation. */
@Tag("slow") // two more rounds of the whole suite
class ConformanceSelfTest {
  /** Views, which no kernel computes. */
  private static final List<String> VIEWS = List.of("Reshape");

  /** Operations without inputs, which replay to the same whatever they do. */
  private static final List<String> CONSTANT = List.of("Arange", "Full", "Rand", "Randn");

  @Test
  void noticesAWrongElement() {
    assertThat(passing(new Wrong())).containsExactlyElementsOf(VIEWS);
  }

  @Test
  void noticesAKernelThatReadsItsInputsTooEarly() {
    List<String> expected = new ArrayList<>(CONSTANT);
    expected.addAll(VIEWS);
    assertThat(passing(new Stale())).containsExactlyInAnyOrderElementsOf(expected);
  }

  /** The operations for which a backend passes. */
  private static List<String> passing(KernelBackend backend) {
    BackendConformance suite =
        new BackendConformance() {
          @Override
          protected Backend backend() {
            return backend;
          }
        };
    try (backend) {
      return suite
          .computesAsThePlainLoopsDo()
          .filter(test -> passes((DynamicTest) test))
          .map(test -> test.getDisplayName())
          .toList();
    }
  }

  private static boolean passes(DynamicTest test) {
    try {
      test.getExecutable().execute();
      return true;
    } catch (AssertionError e) {
      return false;
    } catch (Throwable e) {
      throw new IllegalStateException(test.getDisplayName(), e);
    }
  }

  /** The last element of the first result, or of what is written into, is a thousandth or one off. */
  private static final class Wrong extends KernelBackend {
    @Override
    public String name() {
      return "wrong";
    }

    @Override
    protected Kernel bind(Op op, Tensor[] inputs, Tensor[] outputs) {
      Kernel right = ReferenceKernels.bind(op, inputs, outputs);
      Tensor spoilt = op.written() > 0 ? inputs[0] : outputs[0];
      return () -> {
        right.run();
        spoil(spoilt.dtype(), spoilt.segment(), spoilt.elements() - 1);
      };
    }

    private static void spoil(DType type, MemorySegment all, long at) {
      switch (type) {
        case F64 -> {
          double x = all.getAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, at);
          all.setAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, at, x * 1.001 + 1e-30);
        }
        case F32 -> {
          float x = all.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
          all.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, at, x * 1.001f + 1e-30f);
        }
        case F16, BF16, I64, I32, BOOL, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> {
          long last = all.byteSize() / type.blockBytes() * type.blockBytes() - type.blockBytes();
          all.set(ValueLayout.JAVA_BYTE, last, (byte) (all.get(ValueLayout.JAVA_BYTE, last) ^ 1));
        }
      }
    }
  }

  /** Computes once, and never again. */
  private static final class Stale extends KernelBackend {
    @Override
    public String name() {
      return "stale";
    }

    @Override
    protected Kernel bind(Op op, Tensor[] inputs, Tensor[] outputs) {
      boolean[] done = {false};
      Kernel right = ReferenceKernels.bind(op, inputs, outputs);
      return () -> {
        if (!done[0]) {
          done[0] = true;
          right.run();
        }
      };
    }
  }
}
