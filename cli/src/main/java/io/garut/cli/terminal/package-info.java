/** What the command says and hears: streams, progress bars, numbers for people, JSON for programs, Ctrl-C. */
package io.garut.cli.terminal;
