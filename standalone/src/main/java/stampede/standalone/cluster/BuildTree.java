package stampede.standalone.cluster;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import stampede.standalone.EnvironmentFault;

/** Where the fat jars and the shipped configuration are: the directory this code was built in. */
record BuildTree(Path root) {
  /**
   * @throws EnvironmentFault if this code does not run from a build tree
   */
  static BuildTree find() {
    Path code = code();
    for (Path above = code; above != null; above = above.getParent()) {
      if (Files.isRegularFile(above.resolve("cluster.xml"))
          && Files.isDirectory(above.resolve("edge-verticle"))) {
        return new BuildTree(above);
      }
    }
    throw new EnvironmentFault(
        "cluster", "no cluster.xml and edge-verticle in a directory above " + code, "a checkout");
  }

  Path jar(NodeRole role) {
    String module = role.word() + "-verticle";
    return require(
        root.resolve(module).resolve("target").resolve(module + ".jar"),
        "./mvnw -pl " + module + " -am -Dmaven.test.skip=true package, or start it by ./stampede");
  }

  Path clusterXml() {
    return root.resolve("cluster.xml");
  }

  Path nginxConf() {
    return require(root.resolve("conf/nginx.conf"), "the file of the checkout");
  }

  private static Path require(Path file, String wanted) {
    if (!Files.isRegularFile(file)) {
      throw new EnvironmentFault(file.toString(), "no such file", wanted);
    }
    return file;
  }

  private static Path code() {
    try {
      return Path.of(BuildTree.class.getProtectionDomain().getCodeSource().getLocation().toURI())
          .toAbsolutePath();
    } catch (URISyntaxException e) {
      throw new AssertionError("a code source is a file", e);
    }
  }
}
