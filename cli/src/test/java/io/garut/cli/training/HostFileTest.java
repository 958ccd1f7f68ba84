package io.garut.cli.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.garut.cli.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostFileTest {
  @TempDir private Path folder;

  private HostFile read(String text) throws IOException {
    return HostFile.read(Files.writeString(folder.resolve("hosts"), text));
  }

  @Test
  void ranksAreNumberedInTheOrderOfTheLines() throws IOException {
    HostFile hosts = read("# three machines\n127.0.0.1  slots=2 # this one\n\n127.0.0.2\n\t127.0.0.3 slots = 3\n");
    assertThat(hosts.hosts())
        .containsExactly("127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.3", "127.0.0.3");
    assertThat(hosts.besides(0)).isEqualTo(2);
    assertThat(hosts.besides(2)).isEqualTo(1);
    assertThat(hosts.hasOthers()).isTrue();
    assertThat(read("me@localhost slots=2").reached()).isEqualTo("localhost");
    assertThat(read("localhost slots=2").hasOthers()).isFalse();
    assertThat(HostFile.here(3).hasOthers()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "localhost slot=2                    | hosts:1: 'localhost slot=2' names no machine; write 'host', or 'host slots=N'",
    "localhost slots=0                   | hosts:1: 'localhost slots=0' names no machine",
    "localhost slots=x                   | hosts:1: 'localhost slots=x' names no machine",
    "'localhost\n-oProxyCommand=date'    | hosts:2: '-oProxyCommand=date' names no machine",
    "'localhost\n$(date)'                | hosts:2: '$(date)' names no machine",
    "'# nobody'                          | hosts: names no machine; write a line",
    "192.0.2.1                           | hosts: the first machine, 192.0.2.1, is not this one; begin with this one",
    "'localhost\n192.0.2.1'              | hosts: localhost is 127.0.0.1 here, where 192.0.2.1 cannot reach it",
    "'localhost\nnobody.invalid'         | hosts: there is no machine nobody.invalid that this one knows of"
  })
  void whatIsWrongIsNamed(String text, String said) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(Failure.class).hasMessageContaining(said);
  }

  @Test
  void aFileThatIsNoTextIsNamed() throws IOException {
    Path file = Files.write(folder.resolve("hosts"), new byte[] {'a', (byte) 0xe4, '\n'});
    assertThatThrownBy(() -> HostFile.read(file)).isInstanceOf(Failure.class).hasMessageContaining(file + ": is not UTF-8");
  }

  @Test
  void anEndTellsWhatToDo() {
    Launcher far = new Launcher.Ssh("far");
    assertThat(far.ended(255, "no route")).isEqualTo(
        "cannot be reached by ssh: no route; 'ssh far true' has to work without a password");
    assertThat(far.ended(127, "sh: java: not found")).contains("lacks a program: sh: java: not found", "same paths");
    assertThat(far.ended(2, "sh: cd: can't cd to /here")).isEqualTo("has ended: sh: cd: can't cd to /here");
  }

  @Test
  void wordsForAShellElsewhereArriveAsTheyAre() throws Exception {
    String odd = "it's $HOME `date` \"\\ ä";
    String there = new Launcher.Ssh("far").command(List.of("printf", "%s|%s", odd, "")).getLast();
    Process shell = new ProcessBuilder("sh", "-c", there).redirectErrorStream(true).start();
    assertThat(new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(odd + "|");
  }
}
