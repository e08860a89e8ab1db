-- What the sessions calendar knows beside a session's window: labels, limits, the product an item is of.
--
-- A column can't be added "if not exists" in MySQL 8, and a start may have been cut short in between: so each table is
-- changed at once, by a statement that is chosen by what is there.

SET @change = IF(
  (SELECT COUNT(*) FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'sale_session' AND COLUMN_NAME = 'label') > 0,
  'DO 0',
  'ALTER TABLE sale_session
     ADD COLUMN label VARCHAR(16) NOT NULL DEFAULT ''single'' COMMENT ''single | brand | bulk | super'',
     ADD COLUMN limit_per_session INT NOT NULL DEFAULT 0 COMMENT ''units of a user over all items; 0 = no limit'',
     ADD COLUMN archived_at BIGINT NULL,
     MODIFY COLUMN status VARCHAR(16) NOT NULL DEFAULT ''draft'' COMMENT ''draft | published | archived''');
PREPARE change_table FROM @change;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

SET @change = IF(
  (SELECT COUNT(*) FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'sale_item' AND COLUMN_NAME = 'product') > 0,
  'DO 0',
  'ALTER TABLE sale_item
     ADD COLUMN product VARCHAR(64) NULL COMMENT ''code the shop has for it; in one session at a time'',
     ADD COLUMN limit_per_order INT NOT NULL DEFAULT 0 COMMENT ''0 = as many as a user may have'',
     ADD COLUMN limit_per_session INT NOT NULL DEFAULT 0 COMMENT ''of its session, as published'',
     ADD KEY sale_item_product (product)');
PREPARE change_table FROM @change;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

-- A change that was sent again is found by its key.
SET @change = IF(
  (SELECT COUNT(*) FROM information_schema.STATISTICS
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'admin_audit' AND INDEX_NAME = 'admin_audit_command') > 0,
  'DO 0',
  'ALTER TABLE admin_audit ADD KEY admin_audit_command (command_key)');
PREPARE change_table FROM @change;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;

-- One row, locked by whoever plans with products: two sessions that get the same product at the same moment
-- would not see one another.
CREATE TABLE IF NOT EXISTS sale_calendar (
  calendar_id TINYINT UNSIGNED NOT NULL PRIMARY KEY
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

INSERT IGNORE INTO sale_calendar (calendar_id) VALUES (1);
