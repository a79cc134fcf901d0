-- What the owners of partitions took from the topic of matches, as long as a rule may look back on it: their memory after
-- a restart. One row a record; a record that was taken twice folds.
CREATE TABLE correlation
(
  `topic` LowCardinality(String),
  `partition` UInt32,
  `offset` UInt64,
  -- Partitions of the topic when the record was placed.
  `partitions` UInt32,
  -- The record's time in the topic.
  `at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
  -- After this no rule looks at it.
  `until` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
  `matches` UInt32,
  -- The record as it was, in base64.
  `record` String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(until)
ORDER BY (topic, partition, offset)
TTL toDateTime(until) + toIntervalDay(2)
SETTINGS
  non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1,
  fsync_part_directory = 1,
  ttl_only_drop_parts = 1;
