package io.garut.train.run;

import io.garut.tensor.io.CheckpointException;
import io.garut.tensor.io.CheckpointWriteException;
import io.garut.tensor.io.file.FileBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * A file of events that TensorBoard opens: TFRecord frames (length and data, each with a masked CRC-32C) around {@code
 * Event} messages of {@code tensorflow/core/util/event.proto}.
 */
final class TensorBoardFile implements AutoCloseable {
  /** TensorBoard looks for files with {@code tfevents} in their names. */
  private static final String PREFIX = "events.out.tfevents.";

  private static final String VERSION = "brain.Event:2"; // of the format; from it on START is understood
  private static final long STRING = 7; // DataType.DT_STRING
  private static final long TENSOR = 2; // DataClass.DATA_CLASS_TENSOR
  private static final long START = 1; // SessionLog.SessionStatus.START

  private final Path file;
  private final FileChannel channel;

  private TensorBoardFile(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Begins a file in {@code folder} in place of those that are there. TensorBoard, if it is looking on, forgets what it has
   * read of them.
   *
   * @param time now, in seconds since 1970
   */
  static TensorBoardFile begin(Path folder, double time) throws CheckpointException {
    Path file = folder.resolve(PREFIX + "%010d.garut".formatted((long) time));
    try {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path old : files.filter(path -> path.getFileName().toString().startsWith(PREFIX)).toList()) {
          Files.delete(old);
        }
      }
      FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      TensorBoardFile begun = new TensorBoardFile(file, channel);
      begun.write(new ProtoMessage().put(1, time).put(3, VERSION));
      begun.write(new ProtoMessage().put(1, time).put(7, new ProtoMessage().put(1, START)));
      return begun;
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /** The numbers of a step, by their names. */
  void scalars(double time, long step, Map<String, Double> values) throws CheckpointException {
    ProtoMessage summary = new ProtoMessage();
    values.forEach((tag, value) -> summary.put(1, new ProtoMessage().put(1, tag).put(2, value.floatValue())));
    write(event(time, step, summary));
  }

  /** A text of a step, in Markdown. */
  void text(double time, long step, String tag, String markdown) throws CheckpointException {
    ProtoMessage plugin = new ProtoMessage().put(1, "text");
    ProtoMessage metadata = new ProtoMessage().put(1, plugin).put(4, TENSOR);
    ProtoMessage tensor = new ProtoMessage().put(1, STRING).put(2, new ProtoMessage()).put(8, markdown); // a scalar
    ProtoMessage value = new ProtoMessage().put(1, tag).put(8, tensor).put(9, metadata);
    write(event(time, step, new ProtoMessage().put(1, value)));
  }

  /** The samples of a step, one text for each prompt. */
  void samples(double time, long step, List<Sample> samples) throws CheckpointException {
    for (int i = 0; i < samples.size(); i++) {
      Sample sample = samples.get(i);
      String markdown = fenced(sample.prompt()) + "\n" + fenced(sample.answer());
      text(time, step, "samples/%02d".formatted(i + 1), markdown);
    }
  }

  /** As it is, whatever it holds: TensorBoard renders Markdown. */
  private static String fenced(String text) {
    return "    " + text.replace("\n", "\n    ") + "\n\n---\n";
  }

  private static ProtoMessage event(double time, long step, ProtoMessage summary) {
    return new ProtoMessage().put(1, time).put(2, step).put(5, summary);
  }

  private void write(ProtoMessage event) throws CheckpointException {
    byte[] data = event.toBytes();
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(0, data.length);
    ByteBuffer frame = ByteBuffer.allocate(data.length + 16).order(ByteOrder.LITTLE_ENDIAN);
    frame.putLong(data.length).putInt(masked(length.array())).put(data).putInt(masked(data)).flip();
    try {
      while (frame.hasRemaining()) {
        channel.write(frame);
      }
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /** Masked so that a checksum of data that hold checksums stays a good one. */
  static int masked(byte[] data) {
    CRC32C crc = new CRC32C();
    crc.update(data);
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
  }

  private static CheckpointException failed(Path file, IOException e) {
    return new CheckpointWriteException(file, FileBytes.describe(e), "check the disk; checkpoints are as they were", e);
  }

  @Override
  public void close() throws CheckpointException {
    try {
      channel.close();
    } catch (IOException e) {
      throw failed(file, e);
    }
  }
}
