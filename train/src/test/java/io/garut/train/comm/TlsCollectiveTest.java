package io.garut.train.comm;

import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;

class TlsCollectiveTest extends CollectiveContract {
  private static SSLContext tls;

  @BeforeAll
  static void makeKeys() throws Exception {
    tls = Keys.context();
  }

  @Override
  protected List<Collective> open(int size, Duration deadline) throws Exception {
    return Sockets.group(size, Sockets.loopback(), _ -> Sockets.settings(deadline).tls(tls));
  }
}
