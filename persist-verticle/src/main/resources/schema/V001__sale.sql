-- Sessions, items, orders, and how far they are drained.
--
-- Times are epoch milliseconds UTC (BIGINT), never a date type: no zone of a server or a client has a
-- say. Only sale_session.zone, the zone its operators think in, is text. Money is in minor units of
-- the ISO 4217 currency beside it. User ids, keys and payment ids are bytes (VARBINARY): case,
-- accents, blanks and NUL count. Every statement can be run again after a start that was cut short.

CREATE TABLE IF NOT EXISTS sale_session (
  session_id   BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  title        VARCHAR(200)    NOT NULL,
  opens_at     BIGINT          NOT NULL,
  closes_at    BIGINT          NOT NULL,
  zone         VARCHAR(64)     NOT NULL,
  status       VARCHAR(16)     NOT NULL DEFAULT 'draft' COMMENT 'draft | published',
  created_by   VARBINARY(256)  NOT NULL,
  created_at   BIGINT          NOT NULL,
  command_key  VARBINARY(64)   NULL COMMENT 'of the command that made it; one operator uses a key once',
  published_at BIGINT          NULL,
  UNIQUE KEY sale_session_command (created_by, command_key),
  KEY sale_session_window (opens_at, closes_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE IF NOT EXISTS sale_item (
  item_id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  session_id         BIGINT UNSIGNED NOT NULL,
  partition_id       INT UNSIGNED    NOT NULL,
  title              VARCHAR(200)    NOT NULL,
  price              BIGINT          NOT NULL,
  list_price         BIGINT          NOT NULL,
  currency           CHAR(3)         NOT NULL,
  opens_at           BIGINT          NOT NULL,
  closes_at          BIGINT          NOT NULL,
  stock              BIGINT          NOT NULL COMMENT 'units at opening',
  limit_per_user     INT             NOT NULL,
  pay_within_ms      BIGINT          NOT NULL,
  pay_within_seconds BIGINT          GENERATED ALWAYS AS (pay_within_ms DIV 1000) VIRTUAL,
  cooldown_ms        BIGINT          NOT NULL,
  gate               INT             NOT NULL COMMENT 'millionths let through, as drafted',
  releases           TEXT            NOT NULL COMMENT 'JSON: [{"at":ms,"units":n}], earliest first',
  created_by         VARBINARY(256)  NULL,
  created_at         BIGINT          NULL,
  command_key        VARBINARY(64)   NULL,
  published_at       BIGINT          NULL COMMENT 'when its owner took it; NULL = a draft',
  published_position BIGINT UNSIGNED NULL,
  UNIQUE KEY sale_item_command (created_by, command_key),
  KEY sale_item_session (session_id),
  KEY sale_item_partition (partition_id, published_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin AUTO_INCREMENT = 1001;

-- Every index more is written once an order and makes the drain slower. Those of a user are found by the first column of
-- sale_order_shake; those of an item are a range of the primary key: its partition's, from published_position on.
CREATE TABLE IF NOT EXISTS sale_order (
  order_id          BIGINT UNSIGNED NOT NULL PRIMARY KEY COMMENT 'partition * 2^44 + position of the accept event',
  item_id           BIGINT UNSIGNED NOT NULL,
  user_id           VARBINARY(64)   NOT NULL,
  shake_key         VARBINARY(64)   NOT NULL,
  quantity          INT             NOT NULL,
  price             BIGINT          NOT NULL COMMENT 'of one unit',
  currency          CHAR(3)         NOT NULL,
  status            ENUM ('held', 'paid', 'released') NOT NULL,
  accepted_at       BIGINT          NOT NULL,
  pay_by            BIGINT          NOT NULL,
  paid_at           BIGINT          NULL,
  payment_id        VARBINARY(64)   NULL,
  released_at       BIGINT          NULL,
  release_reason    VARCHAR(32)     NULL COMMENT 'expired | cancelled',
  refund_payment_id VARBINARY(64)   NULL COMMENT 'the first refund due; all of them are in sale_refund',
  refund_reason     VARCHAR(32)     NULL COMMENT 'late_payment | extra_payment',
  refund_at         BIGINT          NULL,
  partition_id      INT UNSIGNED    NOT NULL,
  position          BIGINT UNSIGNED NOT NULL,
  UNIQUE KEY sale_order_shake (user_id, item_id, shake_key),
  UNIQUE KEY sale_order_position (partition_id, position)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE IF NOT EXISTS sale_refund (
  order_id     BIGINT UNSIGNED NOT NULL,
  payment_id   VARBINARY(64)   NOT NULL,
  reason       VARCHAR(32)     NOT NULL COMMENT 'late_payment | extra_payment',
  due_at       BIGINT          NOT NULL,
  partition_id INT UNSIGNED    NOT NULL,
  position     BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (order_id, payment_id),
  UNIQUE KEY sale_refund_position (partition_id, position)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- A projection that does not balance is refused here too: the drain halts rather than store it.
CREATE TABLE IF NOT EXISTS item_stock (
  item_id   BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  available BIGINT          NOT NULL,
  held      BIGINT          NOT NULL,
  sold      BIGINT          NOT NULL,
  stock     BIGINT          NOT NULL,
  position  BIGINT UNSIGNED NOT NULL COMMENT 'of the last event that changed it',
  CONSTRAINT item_stock_balances
    CHECK (available >= 0 AND held >= 0 AND sold >= 0 AND available + held + sold = stock)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE IF NOT EXISTS drain_cursor (
  partition_id INT UNSIGNED    NOT NULL PRIMARY KEY,
  position     BIGINT UNSIGNED NOT NULL COMMENT 'last event drained; 0 = none',
  batch        BIGINT UNSIGNED NOT NULL COMMENT 'of the journal entry that ends there',
  batch_first  BIGINT UNSIGNED NOT NULL COMMENT 'position of that entry''s first event',
  drained_at   BIGINT          NOT NULL COMMENT 'by the clock of this database; 0 = never'
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE IF NOT EXISTS admin_audit (
  audit_id     BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  at           BIGINT          NOT NULL,
  operator     VARCHAR(64)     NOT NULL,
  action       VARCHAR(32)     NOT NULL,
  subject      VARCHAR(100)    NOT NULL COMMENT 'id of the item or session, if there is one',
  user_id      VARBINARY(64)   NULL COMMENT 'whom a block is about',
  reason       VARCHAR(500)    NOT NULL,
  command_key  VARBINARY(64)   NULL,
  before_json  TEXT            NOT NULL,
  after_json   TEXT            NOT NULL,
  partition_id INT UNSIGNED    NULL COMMENT 'of the journal event this row is made of',
  position     BIGINT UNSIGNED NULL,
  UNIQUE KEY admin_audit_position (partition_id, position)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
