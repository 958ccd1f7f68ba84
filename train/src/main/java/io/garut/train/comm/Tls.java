package io.garut.train.comm;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** TLS between machines: 1.3, and both sides show a certificate. */
public final class Tls {
  private Tls() {}

  /**
   * Keys and trust from PKCS #12 files. Every certificate that the trust store vouches for is that of a member, whatever
   * name it has, so it should hold an authority of the group's own, or its members' certificates.
   *
   * @param keyStore this rank's key and certificate
   * @param trustStore whom to believe
   * @throws IOException if a file cannot be read, or not with its password
   */
  public static SSLContext context(Path keyStore, char[] keyPassword, Path trustStore, char[] trustPassword)
      throws IOException {
    try {
      KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(load(keyStore, keyPassword), keyPassword);
      TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(load(trustStore, trustPassword));
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("no TLS with the keys of " + keyStore + " and the trust of " + trustStore + ": " + e, e);
    }
  }

  private static KeyStore load(Path file, char[] password) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, password);
    }
    return store;
  }
}
