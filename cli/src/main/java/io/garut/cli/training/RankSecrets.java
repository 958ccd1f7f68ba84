package io.garut.cli.training;

import io.garut.train.comm.GroupKeys;
import io.garut.train.comm.SocketSettings;
import io.garut.train.comm.Token;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * What the ranks of a run know and nobody else does, made anew for each: a token, and between machines a key. It goes to a rank
 * over its standard input, for arguments and, on other machines, environments are for others to see.
 *
 * @param keys as a line; empty on one machine
 */
record RankSecrets(String token, String keys) {
  static RankSecrets fresh(boolean network) throws IOException, InterruptedException {
    return new RankSecrets(Token.randomText(), network ? GroupKeys.generate().text() : "");
  }

  void send(OutputStream to) throws IOException {
    to.write((token + "\n" + keys + "\n").getBytes(StandardCharsets.UTF_8));
    to.flush();
  }

  static RankSecrets receive(BufferedReader from) throws IOException {
    String token = from.readLine();
    String keys = from.readLine();
    if (keys == null) {
      throw new IOException("rank 0 has ended before it told what the ranks share");
    }
    return new RankSecrets(token, keys);
  }

  SocketSettings settings(Duration deadline) throws IOException {
    SocketSettings settings = SocketSettings.with(Token.of(token)).deadline(deadline).joinDeadline(deadline);
    return keys.isEmpty() ? settings : settings.tls(GroupKeys.of(keys).context());
  }

  /** Does not tell them. */
  @Override
  public String toString() {
    return "RankSecrets";
  }
}
