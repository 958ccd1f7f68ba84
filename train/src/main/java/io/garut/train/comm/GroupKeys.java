package io.garut.train.comm;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import javax.net.ssl.SSLContext;

/**
 * A key and a certificate that a group of ranks shares and nobody else believes: whoever has them is a member. A secret, as the
 * {@link Token} is, to be handed to all ranks where others cannot see it.
 */
public final class GroupKeys {
  private static final String PASSWORD = "GARUT_KEY_PASSWORD";

  private final byte[] store;
  private final String password;

  private GroupKeys(byte[] store, String password) {
    this.store = store;
    this.password = password;
  }

  /**
   * Fresh ones, of the elliptic curve P-256, made by the JDK's {@code keytool}.
   *
   * @throws IOException with what the tool said, if it fails
   */
  public static GroupKeys generate() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("garut-keys"); // which only its owner can look into
    Path file = folder.resolve("group.p12");
    String password = Token.randomText();
    try {
      ProcessBuilder builder = new ProcessBuilder(
          Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-J-XX:TieredStopAtLevel=1", "-genkeypair",
          "-alias", "group", "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=group", "-startdate", "-1d", "-validity",
          "30", "-storetype", "PKCS12", "-keystore", file.toString(), "-storepass:env", PASSWORD);
      builder.environment().put(PASSWORD, password); // arguments are for all to see
      Process tool = builder.redirectErrorStream(true).start();
      tool.getOutputStream().close();
      String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (tool.waitFor() != 0) {
        throw new IOException("the JDK's keytool cannot make a key: " + said.strip());
      }
      return new GroupKeys(Files.readAllBytes(file), password);
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
  }

  /** What {@link #text} gave. */
  public static GroupKeys of(String text) {
    int space = text.indexOf(' ');
    return new GroupKeys(Base64.getDecoder().decode(text.substring(0, space)), text.substring(space + 1));
  }

  /** The keys as one line, for {@link #of}. */
  public String text() {
    return Base64.getEncoder().encodeToString(store) + " " + password;
  }

  /**
   * TLS among those who have the keys.
   *
   * @throws IOException if they are damaged
   */
  public SSLContext context() throws IOException {
    char[] secret = password.toCharArray();
    return Tls.context(
        Tls.load(new ByteArrayInputStream(store), secret), secret, Tls.load(new ByteArrayInputStream(store), secret));
  }

  /** Does not tell the secret. */
  @Override
  public String toString() {
    return "GroupKeys";
  }
}
