-- Sessions in which devices shake and the winner signs in later: until when an order must be claimed, and by whom it was.
--
-- Columns are added only where they are missing, since this can be run again after a start that was cut short and MySQL has
-- no ADD COLUMN IF NOT EXISTS. Each table's are added by one statement, so that there are either all of them or none.

SET @add = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE()
    AND table_name = 'sale_session' AND column_name = 'claim_within_ms') > 0, 'DO 0',
  'ALTER TABLE sale_session ADD COLUMN claim_within_ms BIGINT NOT NULL DEFAULT 0 COMMENT ''0 = shoppers sign in before they shake''');
PREPARE add_columns FROM @add;
EXECUTE add_columns;
DEALLOCATE PREPARE add_columns;

SET @add = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE()
    AND table_name = 'sale_item' AND column_name = 'claim_within_ms') > 0, 'DO 0',
  'ALTER TABLE sale_item ADD COLUMN claim_within_ms BIGINT NOT NULL DEFAULT 0 COMMENT ''of its session''');
PREPARE add_columns FROM @add;
EXECUTE add_columns;
DEALLOCATE PREPARE add_columns;

SET @add = IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE()
    AND table_name = 'sale_order' AND column_name = 'claimed_by') > 0, 'DO 0',
  'ALTER TABLE sale_order
    ADD COLUMN claim_by   BIGINT        NULL COMMENT ''user_id is a device: until when a user must have claimed it'',
    ADD COLUMN claimed_by VARBINARY(64) NULL COMMENT ''that user; user_id stays the device'',
    ADD COLUMN claimed_at BIGINT        NULL');
PREPARE add_columns FROM @add;
EXECUTE add_columns;
DEALLOCATE PREPARE add_columns;

-- Finds the orders a user has claimed. A table of its own, since an index on sale_order would be written once an order, also of
-- those (nearly all) that nobody claims.
CREATE TABLE IF NOT EXISTS sale_claim (
  order_id     BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  claimed_by   VARBINARY(64)   NOT NULL,
  claimed_at   BIGINT          NOT NULL,
  partition_id INT UNSIGNED    NOT NULL,
  position     BIGINT UNSIGNED NOT NULL,
  KEY sale_claim_user (claimed_by, order_id),
  UNIQUE KEY sale_claim_position (partition_id, position)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- The shop is told of claims. A value added at the end rewrites no row; said again it changes nothing.
ALTER TABLE webhook_outbox MODIFY COLUMN kind
  ENUM ('accepted', 'paid', 'released', 'late_payment', 'extra_payment', 'sold_out', 'claimed') NOT NULL;
