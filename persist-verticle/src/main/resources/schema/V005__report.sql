-- What a report of a session needs and no other table keeps. Both are written again and again with the same or newer values;
-- neither is asked for by a sale.

-- Made from the journal; first times only.
CREATE TABLE IF NOT EXISTS item_milestone (
  item_id     BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  opened_at   BIGINT          NULL,
  sold_out_at BIGINT          NULL COMMENT 'nothing was available any more',
  ended_at    BIGINT          NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- What an edge had counted since it started: the last word of each minute.
CREATE TABLE IF NOT EXISTS edge_count (
  minute_at  BIGINT       NOT NULL COMMENT 'epoch ms of the minute''s begin',
  node       VARCHAR(64)  NOT NULL,
  started_at BIGINT       NOT NULL COMMENT 'of the edge''s process: counts begin at 0 there',
  at         BIGINT       NOT NULL,
  sockets    INT          NOT NULL COMMENT 'the most there were when it spoke in this minute',
  counts     TEXT         NOT NULL COMMENT 'JSON',
  PRIMARY KEY (minute_at, node, started_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
