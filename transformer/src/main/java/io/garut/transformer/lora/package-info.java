/** Low-rank adapters (Hu et al., "LoRA", 2021) in the form of Hugging Face's PEFT. */
package io.garut.transformer.lora;
