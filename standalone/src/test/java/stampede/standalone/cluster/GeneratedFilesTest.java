package stampede.standalone.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import stampede.standalone.EnvironmentFault;

class GeneratedFilesTest {
  private final BuildTree build = BuildTree.find();

  @Test
  void clusterXmlHasItsOwnNamePortAndMembersAndKeepsTheRest() {
    String shipped = NodeFiles.read(build.clusterXml());

    String local =
        NodeFiles.clusterXml(
            shipped, "stampede-1f", "127.0.0.1", 12_001, List.of("127.0.0.1:12001", "10.0.0.2:9"));

    assertThat(local)
        .contains("<cluster-name>stampede-1f</cluster-name>")
        .contains("<port auto-increment=\"false\">12001</port>")
        .contains("<member>127.0.0.1:12001</member>\n<member>10.0.0.2:9</member>")
        .contains("<property name=\"hazelcast.max.no.heartbeat.seconds\">5</property>")
        .contains("<multicast enabled=\"false\"/>", "<auto-detection enabled=\"false\"/>")
        .doesNotContain("5701", "<cluster-name>stampede</cluster-name>");
  }

  @Test
  void clusterXmlOfAnotherShapeIsRefusedByName() {
    assertThatThrownBy(() -> NodeFiles.clusterXml("<hazelcast/>", "a", "h", 1, List.of("h:1")))
        .isInstanceOf(EnvironmentFault.class)
        .hasMessageContaining("cluster.xml")
        .hasMessageContaining("cluster-name");
  }

  @Test
  void nginxConfHasTheEdgesAndPortsOfThisMachineAndKeepsTheRules() {
    String shipped = NodeFiles.read(build.nginxConf());

    String local =
        NginxConf.local(
            shipped,
            Path.of("/data/nginx"),
            "127.0.0.1:9000",
            List.of("127.0.0.1:1", "127.0.0.1:2"));

    assertThat(local)
        .contains("listen 127.0.0.1:9000;")
        .contains("server 127.0.0.1:1 max_fails", "server 127.0.0.1:2 max_fails")
        .contains("hash $stampede_shopper consistent;", "client_max_body_size 8k;")
        .contains("proxy_temp_path \"/data/nginx/proxy\";")
        .doesNotContain("10.0.0.1", "/var/log", "/run/nginx.pid", "listen 80;");
  }

  @Test
  void nginxConfOfAnotherShapeIsRefusedByName() {
    assertThatThrownBy(() -> NginxConf.local("http {}", Path.of("/data"), "a:1", List.of("b:2")))
        .isInstanceOf(EnvironmentFault.class)
        .hasMessageContaining("conf/nginx.conf")
        .hasMessageContaining("worker_processes");
  }

  @Test
  void nodeConfQuotesWhatDirectoriesMayBeCalled() {
    NodePlace place =
        new NodePlace(
            "edge-1", NodeRole.EDGE, "h", "127.0.0.1", 8_080, 1, 2, Path.of("/a \"b\"/edge-1"));

    assertThat(NodeFiles.conf(place, true))
        .contains("clusterConfig = \"/a \\\"b\\\"/edge-1/cluster.xml\"\n")
        .contains("node = \"edge-1\"\n", "httpPort = \"8080\"\n", "devLogin = \"true\"\n");
  }
}
