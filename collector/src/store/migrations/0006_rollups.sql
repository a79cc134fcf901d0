-- What is left of events when they are deleted: counts by day. A day is written anew as a whole; the rows of its latest writing count.
CREATE TABLE rollups
(
  `day` Date,
  `tenantId` LowCardinality(String),
  `metric` LowCardinality(String),
  `key` String,
  `value` UInt64,
  `madeAt` DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(madeAt)
ORDER BY (day, tenantId, metric, key)
SETTINGS
  non_replicated_deduplication_window = 1000,
  fsync_after_insert = 1,
  fsync_part_directory = 1;
