/** GPT-NeoX models, tokenizers and generation. */
module io.garut.transformer {
  exports io.garut.transformer;
  exports io.garut.transformer.convert;
  exports io.garut.transformer.evaluation;
  exports io.garut.transformer.generation;
  exports io.garut.transformer.lora;
  exports io.garut.transformer.sampling;
  exports io.garut.transformer.tokenizer;

  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires transitive io.garut.tensor;
  requires org.slf4j;
}
