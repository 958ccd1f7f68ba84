/** The command {@code garut}: reads the arguments, hands over to a sub-command, turns failures into exit codes. */
package io.garut.cli;
