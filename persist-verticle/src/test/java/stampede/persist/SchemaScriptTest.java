package stampede.persist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SchemaScriptTest {
  @Test
  void statementsEndAtSemicolonsOutsideQuotesAndComments() {
    String script =
        """
        -- a; comment
        CREATE TABLE a (x INT COMMENT 'it''s; \\'quoted\\'') ; # more; of it
        /* and; this */ INSERT INTO a VALUES (";", `b;`), (1--1);;
        SELECT 1""";

    assertThat(SchemaScript.statements(script))
        .containsExactly(
            "CREATE TABLE a (x INT COMMENT 'it''s; \\'quoted\\'')",
            "INSERT INTO a VALUES (\";\", `b;`), (1--1)",
            "SELECT 1");
  }

  @Test
  void emptyScriptHasNoStatements() {
    assertThat(SchemaScript.statements("-- nothing\n;;\n")).isEmpty();
  }

  @Test
  void openQuoteIsAnError() {
    assertThatThrownBy(() -> SchemaScript.statements("SELECT 'a;"))
        .hasMessageContaining("not closed");
  }
}
