/** Autograd, optimizers, training data and fine-tuning. */
module io.garut.train {
  exports io.garut.train;
  exports io.garut.train.autograd;
  exports io.garut.train.comm;
  exports io.garut.train.data;
  exports io.garut.train.data.batch;
  exports io.garut.train.data.dedup;
  exports io.garut.train.data.reading;
  exports io.garut.train.data.tokens;
  exports io.garut.train.finetune;
  exports io.garut.train.optim;
  exports io.garut.train.run;
  exports io.garut.train.shard;

  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires transitive io.garut.transformer;
  requires org.slf4j;
}
