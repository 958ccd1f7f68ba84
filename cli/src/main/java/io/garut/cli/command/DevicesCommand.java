package io.garut.cli.command;

import io.garut.cli.ExitCode;
import io.garut.cli.terminal.Console;
import io.garut.cli.terminal.Numbers;
import io.garut.tensor.spi.BackendProvider;
import io.garut.tensor.spi.Backends;
import io.garut.tensor.spi.DeviceInfo;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code garut devices}. */
@Command(
    name = "devices",
    header = "Lists what there is to compute on.",
    description = {
      "",
      "GPUs are found through TornadoVM, whose SDK lies where TORNADOVM_HOME says, or where SDKMAN has it.",
      ""
    })
public final class DevicesCommand implements Callable<Integer> {
  private final Console console;

  /** Prints to {@code console}. */
  public DevicesCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    boolean gpu = false;
    for (BackendProvider provider : Backends.providers()) {
      for (DeviceInfo device : provider.devices()) {
        String memory = device.memory() == 0 ? "" : ", " + Numbers.bytes(device.memory());
        console.out().println(device.name() + "  " + device.description() + memory);
        gpu |= device.name().startsWith("gpu");
      }
    }
    if (!gpu) {
      console.note("no GPU: TORNADOVM_HOME has to name an SDK of TornadoVM 5.2.0-jdk25 with a driver for one");
    }
    return ExitCode.OK.code();
  }
}
