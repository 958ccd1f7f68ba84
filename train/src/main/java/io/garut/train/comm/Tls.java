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
    try (InputStream keys = Files.newInputStream(keyStore);
        InputStream trust = Files.newInputStream(trustStore)) {
      return context(load(keys, keyPassword), keyPassword, load(trust, trustPassword));
    } catch (IOException e) {
      throw new IOException("no TLS with the keys of " + keyStore + " and the trust of " + trustStore + ": " + e, e);
    }
  }

  static SSLContext context(KeyStore ofOwn, char[] password, KeyStore trusted) throws IOException {
    try {
      KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(ofOwn, password);
      TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("keys that are of no use: " + e, e);
    }
  }

  /** Reads a PKCS #12 file. */
  static KeyStore load(InputStream file, char[] password) throws IOException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(file, password);
      return store;
    } catch (GeneralSecurityException e) {
      throw new IOException("a key store that cannot be read: " + e, e);
    }
  }
}
