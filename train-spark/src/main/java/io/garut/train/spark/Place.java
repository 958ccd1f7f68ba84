package io.garut.train.spark;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.BarrierTaskContext;

/** What Spark tells a rank about where it is. */
interface Place {
  /** Which rank this is. */
  int rank();

  /** The host of each rank. */
  List<String> hosts();

  /** The texts of all ranks, once all have called it. */
  String[] allGather(String own);

  /** That of a task of a barrier stage. */
  static Place of(BarrierTaskContext context) {
    List<String> hosts = Arrays.stream(context.getTaskInfos()).map(task -> host(task.address())).toList();
    return new Place() {
      @Override
      public int rank() {
        return context.partitionId();
      }

      @Override
      public List<String> hosts() {
        return hosts;
      }

      @Override
      public String[] allGather(String own) {
        return context.allGather(own);
      }
    };
  }

  /** Of host:port. */
  private static String host(String address) {
    return address.substring(0, address.lastIndexOf(':'));
  }
}
