-- A rule's condition held for an event.
CREATE TABLE matches
(
  `timestamp` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
  `ruleId` LowCardinality(String),
  `ruleName` LowCardinality(String),
  `severity` LowCardinality(String),
  `tenantId` LowCardinality(String),
  `dataType` LowCardinality(String),
  `dataSource` LowCardinality(String),
  `eventId` String CODEC(ZSTD(1)),
  `alertId` String CODEC(ZSTD(1)),
  `batchId` String CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toDate(timestamp)
ORDER BY (ruleId, timestamp)
SETTINGS
  non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1,
  fsync_part_directory = 1,
  ttl_only_drop_parts = 1;

-- Findings. The row with the latest `lastUpdate` of an id is the alert; read with FINAL.
CREATE TABLE alerts
(
  `id` String,
  `timestamp` DateTime64(3, 'UTC'),
  `lastUpdate` DateTime64(3, 'UTC'),
  `name` LowCardinality(String),
  `ruleId` LowCardinality(String),
  `tenantId` LowCardinality(String),
  `tenantName` LowCardinality(String),
  `dataSource` LowCardinality(String),
  `dataType` LowCardinality(String),
  `category` LowCardinality(String),
  `technique` LowCardinality(String),
  `description` String,
  `references` Array(String),
  `impact.confidentiality` UInt32,
  `impact.integrity` UInt32,
  `impact.availability` UInt32,
  `impactScore` UInt32,
  `severity` LowCardinality(String),
  `status` LowCardinality(String),
  `parentId` String,
  `groupBy` Array(String),
  `deduplicateBy` Array(String),
  `errors` Array(String),
  `adversary` JSON,
  `target` JSON,
  `eventIds` Array(String),
  -- The whole alert with its events, as JSON text: what the page shows after the events have expired.
  `document` String CODEC(ZSTD(3)),
  INDEX byTime timestamp TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(lastUpdate)
ORDER BY id
SETTINGS
  non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1,
  fsync_part_directory = 1;
