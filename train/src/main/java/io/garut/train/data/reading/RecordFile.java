package io.garut.train.data.reading;

import io.garut.train.data.LocatedRecord;
import java.io.Closeable;
import java.io.IOException;

/** The records of one file. */
sealed interface RecordFile extends Closeable permits JsonLinesFile, JsonArrayFile, CsvFile, TextFile {
  /**
   * The next record, or null after the last.
   *
   * @throws BadRecordException if it is bad; where that {@link BadRecordException#canGoOn}, the next call goes on after it
   */
  LocatedRecord next() throws IOException;
}
