-- What the shop is to be told: written with the orders it is about, deleted when the shop has answered.
--
-- A row is found by its partition and line only. There is no other index: every one more is written once a row and makes
-- the drain slower. What a message says of an order is read from the order when it is sent: those columns never change.

CREATE TABLE IF NOT EXISTS webhook_outbox (
  partition_id INT UNSIGNED    NOT NULL,
  line         BIGINT UNSIGNED NOT NULL COMMENT '2 * position of its event; + 1 for sold_out',
  kind         ENUM ('accepted', 'paid', 'released', 'late_payment', 'extra_payment', 'sold_out') NOT NULL,
  subject_id   BIGINT UNSIGNED NOT NULL COMMENT 'the order; the item of sold_out',
  at           BIGINT          NOT NULL COMMENT 'of the event',
  attempts     INT UNSIGNED    NOT NULL DEFAULT 0 COMMENT 'that failed while others got through',
  first_try_at BIGINT          NULL,
  last_try_at  BIGINT          NULL,
  error        VARCHAR(200)    NULL COMMENT 'of the last attempt',
  parked_at    BIGINT          NULL COMMENT 'given up until an operator says otherwise',
  PRIMARY KEY (partition_id, line)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
