package io.garut.train.data;

/** A record and where it was read. */
public record LocatedRecord(TrainingRecord record, Source source) {}
