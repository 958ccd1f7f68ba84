package io.garut.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * Owns the tensors made while it is the innermost scope of its thread, and closes them when it is closed, so that their
 * memory is used again at once.
 *
 * <pre>{@code
 * try (var scope = TensorScope.open()) {
 *   Tensor y = x.times(x).plus(x);   // the product ends with the scope
 *   return scope.handOver(y);        // the sum goes to whoever owns tensors outside
 * }
 * }</pre>
 *
 * <p>A tensor made outside any scope is freed by {@link Tensor#close} or, later, by a cleaner.
 */
public final class TensorScope implements AutoCloseable {
  private static final ThreadLocal<TensorScope> INNERMOST = new ThreadLocal<>();

  private final TensorScope outer;
  private final Thread owner = Thread.currentThread();
  private final List<Tensor> tensors = new ArrayList<>();
  private int purgeAt = 64;
  private boolean closed;

  private TensorScope(TensorScope outer) {
    this.outer = outer;
  }

  /** Opens a scope inside the thread's innermost one. */
  public static TensorScope open() {
    TensorScope scope = new TensorScope(INNERMOST.get());
    INNERMOST.set(scope);
    return scope;
  }

  /** Gives {@code tensor} to the scope around this one, or to the cleaner if there is none. */
  public Tensor handOver(Tensor tensor) {
    if (remove(tensor)) {
      own(outer, tensor);
    }
    return tensor;
  }

  static void adopt(Tensor tensor) {
    own(INNERMOST.get(), tensor);
  }

  static void letGo(Tensor tensor) {
    for (TensorScope scope = INNERMOST.get(); scope != null; scope = scope.outer) {
      if (scope.remove(tensor)) {
        tensor.watch();
        return;
      }
    }
  }

  /** From the end, where a result usually is; by identity, since Tensor does not override equals. */
  private boolean remove(Tensor tensor) {
    int at = tensors.lastIndexOf(tensor);
    return at >= 0 && tensors.remove(at) == tensor;
  }

  private static void own(TensorScope scope, Tensor tensor) {
    if (scope == null) {
      tensor.watch();
    } else {
      scope.tensors.add(tensor);
      scope.purge();
    }
  }

  /** Forgets tensors that were closed by hand, so that a long scope does not grow with them. */
  private void purge() {
    if (tensors.size() >= purgeAt) {
      tensors.removeIf(Tensor::isClosed);
      purgeAt = Math.max(64, 2 * tensors.size());
    }
  }

  /**
   * Closes the tensors.
   *
   * @throws IllegalStateException if a scope inside this one is open, or from another thread
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    if (owner != Thread.currentThread() || INNERMOST.get() != this) {
      throw new IllegalStateException("scopes close in their own thread, the innermost first");
    }
    closed = true;
    if (outer == null) {
      INNERMOST.remove();
    } else {
      INNERMOST.set(outer);
    }
    tensors.forEach(Tensor::close);
    tensors.clear();
  }
}
