/** Files that are not trusted, and files that must be whole or absent. Internal to the checkpoint formats. */
package io.garut.tensor.io.file;
