package io.garut.train.comm;

import java.time.Duration;
import java.util.List;

class ThreadCollectiveTest extends CollectiveContract {
  @Override
  protected List<Collective> open(int size, Duration deadline) {
    return Ranks.threads(size, deadline);
  }
}
