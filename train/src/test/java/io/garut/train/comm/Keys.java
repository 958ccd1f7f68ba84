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

  private static Path folder; // of this run

  private Keys() {}

  /** TLS with a certificate of its own, that is the only one it trusts. */
  static SSLContext context() throws Exception {
    Path store = store("group");
    return Tls.context(store, PASSWORD.toCharArray(), store, PASSWORD.toCharArray());
  }

  /** TLS that trusts those of {@link #context}, which do not trust it. */
  static SSLContext strangers() throws Exception {
    return Tls.context(
        store("stranger"), PASSWORD.toCharArray(), store("group"), PASSWORD.toCharArray());
  }

  /** The tool's store with a fresh key, made once a run; its own certificate is trusted as one in a trust store. */
  private static synchronized Path store(String name) throws IOException, InterruptedException {
    if (folder == null) {
      folder = Files.createTempDirectory("garut-keys");
      folder.toFile().deleteOnExit();
    }
    Path store = folder.resolve(name + ".p12");
    if (!Files.exists(store)) {
      Process tool =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-J-XX:TieredStopAtLevel=1",
                  "-genkeypair", "-alias", name, "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=" + name,
                  "-validity", "2", "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", PASSWORD)
              .redirectErrorStream(true)
              .start();
      store.toFile().deleteOnExit();
      String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(tool.waitFor()).as(said).isZero();
    }
    return store;
  }
}
