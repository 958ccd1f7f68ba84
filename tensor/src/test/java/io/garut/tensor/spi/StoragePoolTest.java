package io.garut.tensor.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class StoragePoolTest {
  @Test
  void givesTheSameMemoryAgain() {
    try (StoragePool pool = new StoragePool()) {
      HostStorage first = pool.allocate(1000);
      long address = first.address();
      first.release();
      assertThat(pool.idleBytes()).isEqualTo(1024);
      HostStorage second = pool.allocate(970);
      assertThat(second).isNotSameAs(first);
      assertThat(second.address()).isEqualTo(address);
      assertThat(second.byteSize()).isEqualTo(970);
      assertThat(first.isLive()).isFalse();
      assertThat(pool.allocations()).isOne();
      assertThat(pool.idleBytes()).isZero();
      second.release();
    }
  }

  @Test
  void wastesAtMostAnEighth() {
    try (StoragePool pool = new StoragePool()) {
      for (long bytes : new long[] {0, 1, 63, 64, 65, 127, 129, 1000, 4097, 65537, 1_000_001}) {
        long before = pool.bytes();
        HostStorage storage = pool.allocate(bytes);
        long taken = pool.bytes() - before;
        assertThat(taken).isGreaterThanOrEqualTo(bytes).isLessThanOrEqualTo(Math.max(64, bytes + Math.max(64, bytes / 8)));
        assertThat(storage.address() % HostStorage.ALIGNMENT).isZero();
        if (bytes > 0) {
          storage.segment().set(ValueLayout.JAVA_BYTE, bytes - 1, (byte) 7);
        }
        assertThatThrownBy(() -> storage.segment().get(ValueLayout.JAVA_BYTE, Math.max(bytes, 1)))
            .isInstanceOf(IndexOutOfBoundsException.class);
      }
    }
  }

  @Test
  void returnsIdleMemoryToTheSystem() {
    try (StoragePool pool = new StoragePool()) {
      HostStorage held = pool.allocate(64);
      pool.allocate(1 << 20).release();
      assertThat(pool.bytes()).isEqualTo((1 << 20) + 64);
      pool.trim();
      assertThat(pool.idleBytes()).isZero();
      assertThat(pool.bytes()).isEqualTo(64);
      assertThat(held.isLive()).isTrue();
    }
  }

  @Test
  void holdsAtMostTwiceWhatWasInUse() {
    try (StoragePool pool = new StoragePool(1 << 20, false)) {
      pool.allocate(700_000).release();
      pool.allocate(300_000).release();
      assertThat(pool.idleBytes()).as("within the least").isEqualTo(720_896 + 327_680);
      pool.allocate(350_000).release();
      assertThat(pool.idleBytes()).as("not twice the 700 kB that were in use").isEqualTo(720_896 + 327_680 + 360_448);
      pool.allocate(100_000).release();
      assertThat(pool.bytes()).as("idle buffers have made room").isEqualTo(106_496);
    }
  }

  @Test
  void whatIsInUseOutlivesTheClosedPool() {
    StoragePool pool = new StoragePool();
    HostStorage held = pool.allocate(64);
    pool.close();
    held.segment().set(ValueLayout.JAVA_LONG, 0, 5);
    assertThat(held.segment().get(ValueLayout.JAVA_LONG, 0)).isEqualTo(5);
    held.release();
    assertThat(pool.bytes()).isZero();
    assertThatThrownBy(() -> held.segment().get(ValueLayout.JAVA_LONG, 0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> pool.allocate(1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the storage pool has been closed");
  }

  @Test
  void servesManyThreads() throws InterruptedException {
    try (StoragePool pool = new StoragePool()) {
      Thread[] threads = new Thread[4];
      boolean[] intact = new boolean[threads.length];
      for (int t = 0; t < threads.length; t++) {
        int id = t;
        threads[t] = Thread.ofPlatform().start(() -> intact[id] = hammer(pool, id));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(intact).containsOnly(true);
      assertThat(pool.idleBytes()).isEqualTo(pool.bytes());
    }
  }

  /** Whether memory in use stays one's own. */
  private static boolean hammer(StoragePool pool, int id) {
    boolean intact = true;
    for (int i = 0; i < 2000; i++) {
      HostStorage storage = pool.allocate(64 + i % 3 * 100);
      long mark = id * 10_000L + i;
      storage.segment().set(ValueLayout.JAVA_LONG, 0, mark);
      Thread.onSpinWait();
      intact &= storage.segment().get(ValueLayout.JAVA_LONG, 0) == mark;
      storage.release();
    }
    return intact;
  }

  @Test
  void aStorageCountsItsHolders() {
    int[] freed = {0};
    try (StoragePool pool = new StoragePool()) {
      HostStorage storage = HostStorage.of(pool.allocate(8).segment(), () -> freed[0]++);
      storage.retain();
      assertThat(storage.toHost(null)).as("on the host already").isSameAs(storage);
      storage.release();
      storage.release();
      assertThat(storage.isLive()).isTrue();
      assertThat(freed[0]).isZero();
      storage.release();
      assertThat(storage.isLive()).isFalse();
      assertThat(freed[0]).isOne();
      assertThatThrownBy(storage::release)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("a storage was released more often than retained");
      assertThatThrownBy(storage::retain)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the storage of a closed tensor cannot be shared");
      assertThat(freed[0]).isOne();
    }
  }
}
