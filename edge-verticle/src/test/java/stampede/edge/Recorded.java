package stampede.edge;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Of test classes whose traffic {@link ContractTest} reads: it does not run them again. */
public final class Recorded implements AfterAllCallback {
  static final Set<Class<?>> CLASSES = ConcurrentHashMap.newKeySet();

  @Override
  public void afterAll(ExtensionContext context) {
    CLASSES.add(context.getRequiredTestClass());
  }
}
