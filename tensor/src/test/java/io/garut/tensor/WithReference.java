package io.garut.tensor;

import io.garut.tensor.reference.ReferenceBackend;
import io.garut.tensor.spi.Executor;
import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/** Runs each test method with a reference backend of its own as the current executor, and closes it afterwards. */
final class WithReference implements InvocationInterceptor {
  @Override
  public void interceptTestMethod(
      Invocation<Void> invocation, ReflectiveInvocationContext<Method> context, ExtensionContext extension)
      throws Throwable {
    run(invocation);
  }

  @Override
  public void interceptTestTemplateMethod(
      Invocation<Void> invocation, ReflectiveInvocationContext<Method> context, ExtensionContext extension)
      throws Throwable {
    run(invocation);
  }

  private static void run(Invocation<Void> invocation) throws Throwable {
    Throwable[] thrown = {null};
    try (ReferenceBackend backend = new ReferenceBackend()) {
      Executor.with(
          backend,
          () -> {
            try {
              return invocation.proceed();
            } catch (Throwable e) { // whatever a test throws goes on below, past the lambda that cannot declare it
              thrown[0] = e;
              return null;
            }
          });
    }
    if (thrown[0] != null) {
      throw thrown[0];
    }
  }
}
