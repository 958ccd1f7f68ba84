/**
 * Reads training records: JSON Lines, JSON arrays, CSV and plain text, one at a time, so that a file may be larger than
 * memory. Files are UTF-8. Whatever is wrong with a record ends in one {@link
 * io.garut.train.data.reading.BadRecordException}, which names file and line; it can be passed over and counted
 * instead.
 */
package io.garut.train.data.reading;
