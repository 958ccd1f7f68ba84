package io.garut.train.comm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;

/** Certificates, made by the JDK's tool while the tests run. */
final class Keys {
  private static final String PASSWORD = "password of a test";

  private Keys() {}

  /** TLS with a certificate of its own, that is the only one it trusts. */
  static SSLContext context(Path folder) throws Exception {
    Path store = store(folder, "group");
    return Tls.context(store, PASSWORD.toCharArray(), store, PASSWORD.toCharArray());
  }

  /** TLS that trusts those of {@link #context}, which do not trust it. */
  static SSLContext strangers(Path folder) throws Exception {
    return Tls.context(
        store(folder, "stranger"), PASSWORD.toCharArray(), store(folder, "group"), PASSWORD.toCharArray());
  }

  /** The tool's store with a fresh key, made once a folder; its own certificate is trusted as one in a trust store. */
  private static synchronized Path store(Path folder, String name) throws IOException, InterruptedException {
    Path store = folder.resolve(name + ".p12");
    if (!Files.exists(store)) {
      Process tool =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-J-XX:TieredStopAtLevel=1",
                  "-genkeypair", "-alias", name, "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=" + name,
                  "-validity", "2", "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", PASSWORD)
              .redirectErrorStream(true)
              .start();
      String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(tool.waitFor()).as(said).isZero();
    }
    return store;
  }
}
