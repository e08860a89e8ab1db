package stampede.node;

/**
 * A setting that can't be used. The message names the setting, the value found and the value
 * wanted; never a secret.
 */
public final class ConfigFault extends RuntimeException {
  public ConfigFault(String message) {
    super(message, null, false, false);
  }
}
