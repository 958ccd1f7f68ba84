package io.garut.tensor.spi;

import io.garut.tensor.reference.ReferenceBackend;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import org.slf4j.LoggerFactory;

/** The backends on the path. */
public final class Backends {
  /** The system property that names the standard backend; the best one that is available unless it is set. */
  public static final String PROPERTY = "garut.backend";

  static final ScopedValue<Executor> CURRENT = ScopedValue.newInstance();

  private static volatile Backend standard;

  private Backends() {}

  /** The providers on the path, best first. */
  public static List<BackendProvider> providers() {
    return ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader()).stream()
        .map(ServiceLoader.Provider::get)
        .sorted(Comparator.comparingInt(BackendProvider::rank).reversed())
        .toList();
  }

  /**
   * A new backend by name.
   *
   * @throws IllegalArgumentException naming those there are
   */
  public static Backend create(String name) {
    if (name.equals("reference")) {
      return new ReferenceBackend();
    }
    for (BackendProvider provider : providers()) {
      if (provider.name().equals(name)) {
        return provider.create();
      }
    }
    List<String> there = providers().stream().map(BackendProvider::name).toList();
    throw new IllegalArgumentException("no backend '" + name + "' on the path; there are 'reference' and " + there);
  }

  /** The backend of threads that are bound to no executor: made when it is first asked for, and never closed. */
  public static Backend standard() {
    Backend made = standard;
    return made != null ? made : makeStandard();
  }

  private static synchronized Backend makeStandard() {
    if (standard == null) {
      standard = make();
    }
    return standard;
  }

  private static Backend make() {
    String named = System.getProperty(PROPERTY);
    if (named != null) {
      return create(named);
    }
    for (BackendProvider provider : providers()) {
      if (provider.isAvailable()) {
        return provider.create();
      }
    }
    LoggerFactory.getLogger(Backends.class)
        .warn("No backend on the path: computing with the plain loops of the reference. Add garut-backend-cpu.");
    return new ReferenceBackend();
  }
}
