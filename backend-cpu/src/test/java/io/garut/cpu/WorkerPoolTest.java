package io.garut.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WorkerPoolTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  void everyChunkRunsOnce(int threads) {
    try (WorkerPool pool = new WorkerPool(threads)) {
      assertThat(pool.threads()).isEqualTo(threads);
      for (int chunks : new int[] {0, 1, 2, 3, 13, 207, 702}) {
        AtomicIntegerArray runs = new AtomicIntegerArray(chunks);
        pool.run(runs::incrementAndGet, chunks);
        for (int chunk = 0; chunk < chunks; chunk++) {
          assertThat(runs.get(chunk)).as("chunk %d of %d", chunk, chunks).isEqualTo(1);
        }
      }
    }
  }

  @Test
  void manyShortTasksWithAndWithoutPauses() {
    try (WorkerPool pool = new WorkerPool(3)) {
      AtomicInteger sum = new AtomicInteger();
      for (int round = 0; round < 20_000; round++) {
        sum.set(0);
        pool.run(sum::addAndGet, 5);
        assertThat(sum.get()).isEqualTo(10);
        if (round % 500 == 0) {
          LockSupport.parkNanos(200_000); // longer than workers spin
        }
      }
    }
  }

  @Test
  void whatAChunkThrowsReachesTheCaller() {
    try (WorkerPool pool = new WorkerPool(3)) {
      for (int bad = 0; bad < 40; bad++) {
        int thrower = bad;
        AtomicInteger active = new AtomicInteger();
        WorkerPool.Task task =
            chunk -> {
              active.incrementAndGet();
              if (chunk == thrower) {
                active.decrementAndGet();
                throw new IllegalArgumentException("chunk " + chunk);
              }
              active.decrementAndGet();
            };
        assertThatThrownBy(() -> pool.run(task, 40))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("chunk " + bad);
        assertThat(active.get()).as("all workers have stopped").isZero();
      }
      AtomicInteger after = new AtomicInteger();
      pool.run(chunk -> after.incrementAndGet(), 40);
      assertThat(after.get()).as("the pool goes on").isEqualTo(40);
      assertThatThrownBy(
              () ->
                  pool.run(
                      chunk -> {
                        throw new StackOverflowError();
                      },
                      4))
          .isInstanceOf(StackOverflowError.class);
    }
  }

  @Test
  void ofSeveralChunksThatThrowTheFirstIsHeard() {
    try (WorkerPool pool = new WorkerPool(3)) {
      for (int round = 0; round < 300; round++) {
        int first = round % 7;
        WorkerPool.Task task =
            chunk -> {
              if (chunk == first) {
                LockSupport.parkNanos(20_000); // others throw meanwhile
              }
              if (chunk >= first) {
                throw new IllegalArgumentException("chunk " + chunk);
              }
            };
        assertThatThrownBy(() -> pool.run(task, 20)).hasMessage("chunk " + first);
      }
    }
  }

  @Test
  void nestedTasksRunInTheirChunk() {
    try (WorkerPool pool = new WorkerPool(2)) {
      AtomicIntegerArray runs = new AtomicIntegerArray(12 * 13);
      pool.run(outer -> pool.run(inner -> runs.incrementAndGet(outer * 13 + inner), 13), 12);
      for (int i = 0; i < runs.length(); i++) {
        assertThat(runs.get(i)).isEqualTo(1);
      }
    }
  }

  @Test
  void callersOnSeveralThreads() throws InterruptedException {
    try (WorkerPool pool = new WorkerPool(3)) {
      AtomicInteger wrong = new AtomicInteger();
      List<Thread> callers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        callers.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      for (int round = 0; round < 2_000; round++) {
                        AtomicInteger sum = new AtomicInteger();
                        pool.run(sum::addAndGet, 31);
                        if (sum.get() != 31 * 30 / 2) {
                          wrong.incrementAndGet();
                        }
                      }
                    }));
      }
      for (Thread caller : callers) {
        caller.join();
      }
      assertThat(wrong.get()).isZero();
    }
  }

  @Test
  void anInterruptedCallerFinishesAndStaysInterrupted() {
    try (WorkerPool pool = new WorkerPool(2)) {
      Thread.currentThread().interrupt();
      AtomicInteger done = new AtomicInteger();
      WorkerPool.Task slowElsewhere =
          chunk -> {
            if (Thread.currentThread().getName().startsWith("garut-worker-")) {
              long until = System.nanoTime() + 20_000_000;
              while (System.nanoTime() < until) {
                Thread.onSpinWait();
              }
            }
            done.incrementAndGet();
          };
      for (int i = 0; i < 5; i++) {
        pool.run(slowElsewhere, 8);
      }
      assertThat(done.get()).isEqualTo(40);
      assertThat(Thread.interrupted()).as("interrupted flag").isTrue();
    }
  }

  @Test
  void aCallAllocatesNothing() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (WorkerPool pool = new WorkerPool(2)) {
      AtomicInteger count = new AtomicInteger();
      WorkerPool.Task task = chunk -> count.incrementAndGet();
      for (int i = 0; i < 1_000; i++) {
        pool.run(task, 8);
        pool.scratch(ScratchSlot.ROWS, 100);
      }
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 10_000; i++) {
        pool.run(task, 8);
        pool.scratch(ScratchSlot.ROWS, 100);
      }
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      assertThat(allocated).as("bytes in 10,000 calls").isLessThan(10_000);
    }
  }

  @Test
  void scratchIsAlignedGrowsAndBelongsToOneThread() throws InterruptedException {
    WorkerPool pool = new WorkerPool(2);
    long first = pool.scratch(ScratchSlot.ROWS, 1_000);
    assertThat(first % 64).isZero();
    assertThat(pool.scratch(ScratchSlot.ROWS, 10)).isEqualTo(first);
    assertThat(pool.scratch(ScratchSlot.ATTENTION, 10)).isNotEqualTo(first);
    long[] other = new long[1];
    for (int i = 0; i < 50; i++) { // threads that end leave nothing behind that a later one stumbles over
      Thread caller = Thread.ofPlatform().start(() -> other[0] = pool.scratch(ScratchSlot.ROWS, 1_000));
      caller.join();
      assertThat(other[0]).isNotEqualTo(first);
    }
    assertThat(pool.scratch(ScratchSlot.ROWS, 1_000)).isEqualTo(first);
    pool.close();
    assertThatThrownBy(() -> pool.scratch(ScratchSlot.ROWS, 1)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aClosedPoolRefusesAndItsThreadsEnd() {
    WorkerPool pool = new WorkerPool(3);
    pool.run(chunk -> assertThat(chunk).isNotNegative(), 10);
    assertThatThrownBy(() -> pool.run(chunk -> pool.close(), 2)).hasMessageContaining("close it when its tasks have ended");
    pool.close();
    pool.close();
    assertThatThrownBy(() -> pool.run(chunk -> {}, 2)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> new WorkerPool(0)).hasMessageContaining("at least one thread, not 0");
  }
}
