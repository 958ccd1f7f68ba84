package io.garut.train.spark;

import io.garut.train.comm.Tls;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;

/** Where each machine has its keys; what is in the files never goes through Spark. */
record TlsFiles(String keyStore, String trustStore, String passwordFile) implements Serializable {
  SSLContext context() throws IOException {
    char[] password = Files.readString(Path.of(passwordFile)).strip().toCharArray();
    return Tls.context(Path.of(keyStore), password, Path.of(trustStore), password);
  }
}
