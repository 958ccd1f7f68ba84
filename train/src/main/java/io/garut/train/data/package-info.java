/**
 * Training data: records, what is learnt of them, and sets of them.
 *
 * <pre>{@code
 * RecordEncoder encoder = RecordEncoder.of(model.tokenizer());
 * try (RecordReader reader = RecordReader.open(Path.of("records.jsonl"), ReadOptions.skippingBad())) {
 *   TrainingSet set = TrainingSet.read(reader, encoder, model.contextLength()).shuffled(42);
 *   log.info("{} examples, {} too long, {}", set.size(), set.tooLong(), reader.skipped());
 *   TrainingSet.Split split = set.split(200, 42);
 *   Batches batches = Batches.of(split.train()).examplesPerMicroBatch(4);
 * }
 * }</pre>
 */
package io.garut.train.data;
