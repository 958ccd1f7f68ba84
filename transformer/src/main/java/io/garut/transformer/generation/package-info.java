/** From a prompt to text: decoding sessions, the generator and conversations. */
package io.garut.transformer.generation;
