/** GPT-NeoX models, tokenizers and generation. */
module io.garut.transformer {
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires transitive io.garut.tensor;
  requires org.slf4j;
}
