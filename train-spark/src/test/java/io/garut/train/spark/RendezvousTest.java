package io.garut.train.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.tensor.DType;
import io.garut.train.comm.Collective;
import io.garut.train.comm.Piece;
import io.garut.train.comm.Token;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ranks as threads; two names of one machine stand for two. */
class RendezvousTest {
  private static final List<String> TWO_MACHINES = List.of("localhost", "127.0.0.1");
  private static final List<String> ONE_MACHINE = List.of("localhost", "localhost");

  @TempDir private Path folder;

  /** Has two ranks meet, and sum a number; what each then has, or what is wrong. */
  private List<String> meet(List<String> hosts, UnaryOperator<SparkFinetuning> change, Optional<String> problemOfLast)
      throws Exception {
    Settings settings = change.apply(SparkFinetuning.of(folder).deadline(Duration.ofSeconds(20))).settings();
    String token = Token.randomText();
    String[] told = new String[hosts.size()];
    CyclicBarrier all = new CyclicBarrier(hosts.size());
    List<Future<String>> ends = new ArrayList<>();
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      for (int i = 0; i < hosts.size(); i++) {
        Place place = new Barrier(i, hosts, told, all);
        Optional<String> own = i == hosts.size() - 1 ? problemOfLast : Optional.empty();
        ends.add(threads.submit(() -> sum(new Rendezvous(place, settings, token), own)));
      }
      List<String> results = new ArrayList<>();
      for (Future<String> end : ends) {
        results.add(end.get());
      }
      return results;
    }
  }

  private static String sum(Rendezvous rendezvous, Optional<String> own) {
    try (Collective group = rendezvous.join(own);
        Arena arena = Arena.ofShared()) {
      MemorySegment number = arena.allocateFrom(ValueLayout.JAVA_DOUBLE, 1 + group.rank());
      group.allReduce("numbers", Piece.of(DType.F64, number), Piece.of(DType.F64, number));
      return "sum " + number.get(ValueLayout.JAVA_DOUBLE, 0);
    } catch (ProblemException e) {
      return e.getMessage();
    }
  }

  private record Barrier(int rank, List<String> hosts, String[] told, CyclicBarrier all) implements Place {
    @Override
    public String[] allGather(String own) {
      told[rank] = own;
      try {
        all.await();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
      return told;
    }
  }

  @Test
  void onOneMachineNeedsNoKeys() throws Exception {
    assertThat(meet(ONE_MACHINE, s -> s, Optional.empty())).containsOnly("sum 3.0");
  }

  @Test
  void betweenMachinesNeedsKeysOrThePermissionToDoWithout() throws Exception {
    assertThat(meet(TWO_MACHINES, s -> s, Optional.empty())).hasSize(2).allSatisfy(
        end -> assertThat(end).contains("rank 0 on localhost: the ranks are on several machines (localhost, 127.0.0.1)"));
    assertThat(meet(TWO_MACHINES, SparkFinetuning::allowPlainBetweenMachines, Optional.empty())).containsOnly("sum 3.0");
    Path keys = folder.resolve("keys.p12");
    Process tool = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", "group", "-keyalg",
            "EC", "-groupname", "secp256r1", "-dname", "CN=group", "-validity", "2", "-storetype", "PKCS12", "-keystore",
            keys.toString(), "-storepass", "password of a test")
        .inheritIO()
        .start();
    assertThat(tool.waitFor()).isZero();
    Path password = Files.writeString(folder.resolve("password"), "password of a test\n");
    assertThat(meet(TWO_MACHINES, s -> s.tls(keys, keys, password), Optional.empty())).containsOnly("sum 3.0");
    assertThat(meet(TWO_MACHINES, s -> s.tls(keys, keys, folder.resolve("none")), Optional.empty()))
        .allSatisfy(end -> assertThat(end).contains("rank 0 on localhost:", "none"));
  }

  @Test
  void whatIsWrongWithOneIsToldToAll() throws Exception {
    assertThat(meet(ONE_MACHINE, s -> s, Optional.of("its disk\nis full")))
        .containsOnly("rank 1 on localhost: its disk is full");
  }

  @Test
  void wordsOfTheCommandThatAreNotRightAreNamed() {
    assertThatThrownBy(() -> Arguments.read(List.of("--data", "x.jsonl"))).hasMessageContaining("no model is named");
    assertThatThrownBy(() -> Arguments.read(List.of("--model", "m", "--lora", "3"))).hasMessage("--lora is no option");
    assertThatThrownBy(() -> Arguments.read(List.of("--model", "m", "--ranks"))).hasMessage("--ranks has no value");
    assertThatThrownBy(() -> Arguments.read(List.of("--model", "m", "--ranks", "0")))
        .hasMessage("--ranks 0: ranks: 1 or more, not 0");
    assertThatThrownBy(() -> Arguments.read(List.of("--model", "m", "--zero", "x"))).hasMessageContaining("--zero x: ");
  }
}
