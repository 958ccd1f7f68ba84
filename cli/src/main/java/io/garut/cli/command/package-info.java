/** The sub-commands, one class each, and the options that they share. */
package io.garut.cli.command;
