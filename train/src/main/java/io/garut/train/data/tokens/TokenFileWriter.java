package io.garut.train.data.tokens;

import io.garut.tensor.op.SplitMix64;
import io.garut.train.data.LocatedRecord;
import io.garut.train.data.RecordEncoder;
import io.garut.train.data.TrainingRecord;
import io.garut.train.data.reading.RecordReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;

/**
 * Writes a {@link TokenFile}: documents, each with the end-of-text token after it. It is written aside, and appears
 * whole under its name or not at all.
 */
public final class TokenFileWriter implements Closeable {
  private static final int BUFFER = 1 << 20;

  private final Path file;
  private final Path aside;
  private final RecordEncoder encoder;
  private final int endOfText;
  private final int width;
  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
  private long size;
  private long hash;
  private boolean inDocument;
  private boolean finished;

  /**
   * Begins a file.
   *
   * @throws IllegalArgumentException if the encoder knows no end-of-text token
   */
  public TokenFileWriter(Path file, RecordEncoder encoder) throws IOException {
    this.file = file;
    this.aside = file.resolveSibling(file.getFileName() + ".part");
    this.encoder = encoder;
    this.endOfText = encoder.endOfText().orElseThrow(() -> new IllegalArgumentException(
        "the tokenizer has no <|endoftext|> to put between documents; name another token for it"));
    this.width = encoder.tokenizer().vocabularySize() <= 1 << 16 ? 2 : 4;
    this.channel = FileChannel.open(
        aside, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    buffer.position(TokenFile.HEADER);
  }

  /** Writes all records that {@code reader} has left, and maps the file. */
  public static TokenFile write(Path file, RecordReader reader, RecordEncoder encoder) throws IOException {
    try (TokenFileWriter writer = new TokenFileWriter(file, encoder)) {
      for (Optional<LocatedRecord> record = reader.next(); record.isPresent(); record = reader.next()) {
        writer.add(record.get().record());
      }
      writer.finish();
    }
    return TokenFile.open(file);
  }

  /** Adds a record; one that continues the document before it joins it. */
  public void add(TrainingRecord record) throws IOException {
    boolean continues = record instanceof TrainingRecord.Document document && document.continues();
    if (inDocument && !continues) {
      put(endOfText);
    }
    int[] ids = encoder.encode(record).ids();
    boolean ended = ids.length > 0 && ids[ids.length - 1] == endOfText;
    for (int id : ended ? Arrays.copyOf(ids, ids.length - 1) : ids) {
      put(id);
    }
    inDocument = true;
  }

  /** Tokens written so far. */
  public long size() {
    return size;
  }

  /** Ends the last document, and gives the file its name. */
  public void finish() throws IOException {
    if (inDocument) {
      put(endOfText);
    }
    flush();
    buffer.putLong(TokenFile.MAGIC).putInt(TokenFile.VERSION).putInt(width);
    buffer.putLong(encoder.tokenizer().vocabularySize()).putLong(size).putLong(hash).flip();
    for (long at = 0; buffer.hasRemaining(); ) {
      at += channel.write(buffer, at);
    }
    channel.force(true);
    channel.close();
    Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    finished = true;
  }

  private void put(int id) throws IOException {
    if (buffer.remaining() < width) {
      flush();
    }
    if (width == 2) {
      buffer.putShort((short) id);
    } else {
      buffer.putInt(id);
    }
    hash = SplitMix64.bits(hash, id);
    size++;
  }

  private void flush() throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  /** Removes what was written, if it was not finished. */
  @Override
  public void close() throws IOException {
    channel.close();
    if (!finished) {
      Files.deleteIfExists(aside);
    }
  }
}
