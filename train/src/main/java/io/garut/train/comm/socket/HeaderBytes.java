package io.garut.train.comm.socket;

import io.garut.tensor.DType;
import io.garut.train.comm.Header;
import io.garut.train.comm.Layout;
import io.garut.train.comm.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** Headers as bytes, the same number for all; a checksum tells what is garbled. */
final class HeaderBytes {
  static final int LENGTH = 288;
  private static final int MAGIC = 0x47415255;

  private HeaderBytes() {}

  static ByteBuffer encode(Header header, ByteBuffer bytes) {
    byte[] region = header.region().getBytes(StandardCharsets.UTF_8);
    bytes
        .putInt(MAGIC)
        .putLong(header.sequence())
        .put((byte) header.operation().ordinal())
        .putInt(header.root())
        .putShort((short) region.length)
        .put(region);
    put(bytes, header.sends());
    put(bytes, header.expects());
    return bytes.putInt(LENGTH - Integer.BYTES, checksum(bytes)).clear();
  }

  static Header decode(ByteBuffer bytes) throws IOException {
    if (bytes.getInt(0) != MAGIC || bytes.getInt(LENGTH - Integer.BYTES) != checksum(bytes)) {
      throw new IOException("what it says is garbled");
    }
    bytes.position(Integer.BYTES);
    long sequence = bytes.getLong();
    Operation operation = Operation.values()[bytes.get()];
    int root = bytes.getInt();
    byte[] region = new byte[bytes.getShort()];
    bytes.get(region);
    return new Header(
        sequence, operation, new String(region, StandardCharsets.UTF_8), root, layout(bytes), layout(bytes));
  }

  private static void put(ByteBuffer bytes, Layout layout) {
    bytes.put((byte) layout.type().ordinal()).putLong(layout.bytes()).putInt(layout.segments()).putInt(layout.checksum());
  }

  private static Layout layout(ByteBuffer bytes) {
    return new Layout(DType.values()[bytes.get()], bytes.getLong(), bytes.getInt(), bytes.getInt());
  }

  private static int checksum(ByteBuffer bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes.duplicate().limit(LENGTH - Integer.BYTES).position(0));
    return (int) checksum.getValue();
  }
}
