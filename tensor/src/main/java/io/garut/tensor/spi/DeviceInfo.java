package io.garut.tensor.spi;

/**
 * A device, for people to read.
 *
 * @param name as {@code cpu} or {@code gpu:0}
 * @param description what it is
 * @param memory its bytes; 0 if that is not known
 */
public record DeviceInfo(String name, String description, long memory) {}
