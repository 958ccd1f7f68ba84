package io.garut.train.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.garut.train.data.TrainingRecord.Instruction;
import io.garut.train.data.dedup.NearDuplicates;
import io.garut.train.data.reading.RecordReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The records in examples/ are what its README says. */
class SheepTest {
  @Test
  void theRecordsAreGood() throws IOException {
    List<LocatedRecord> records = RecordReader.readAll(Path.of("..", "examples", "sheep.jsonl"));
    assertThat(records).hasSize(150);
    List<Instruction> instructions = records.stream().map(r -> (Instruction) r.record()).toList();
    assertThat(instructions.stream().map(Instruction::category).collect(Collectors.toSet())).hasSize(8);
    assertThat(instructions.stream().filter(r -> !r.context().isEmpty())).hasSize(15);
    assertThat(instructions.stream().map(r -> r.instruction() + r.context())).doesNotHaveDuplicates();
    assertThat(NearDuplicates.remove(records, 0.8).pairs()).isEmpty();
    assertThat(instructions).allSatisfy(r -> {
      assertThat(r.response()).endsWith(".").isEqualTo(r.response().strip());
      assertThat(r.response().split("[.!?]( |$)")).hasSizeBetween(1, 3);
      assertThat(r.instruction()).matches(i -> i.endsWith("?") || i.endsWith("."));
    });
    String all = instructions.toString().toLowerCase(Locale.ROOT);
    assertThat(all).contains("six pounds a ball", "from tuesday to saturday", "clover", "mara tolley");
  }
}
