/** The command {@code garut} and its sub-commands. */
package io.garut.cli;
