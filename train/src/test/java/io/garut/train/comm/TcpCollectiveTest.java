package io.garut.train.comm;

import java.time.Duration;
import java.util.List;

class TcpCollectiveTest extends CollectiveContract {
  @Override
  protected List<Collective> open(int size, Duration deadline) throws Exception {
    return Sockets.group(size, Sockets.loopback(), _ -> Sockets.settings(deadline));
  }
}
