/** {@code garut bench}: how fast models run on this machine, held against what the machine can do. */
package io.garut.cli.bench;
