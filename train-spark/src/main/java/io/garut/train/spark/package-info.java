/**
 * Fine-tuning on an Apache Spark cluster: Spark reads the records and places the ranks, which then train as any others do.
 * {@link io.garut.train.spark.SparkFinetuning} is the entry; {@link
 * io.garut.train.spark.Main} is that for {@code
 * spark-submit}.
 *
 * <p>Spark is software of the class path, and so is this: the artifact is no JPMS module.
 */
package io.garut.train.spark;
