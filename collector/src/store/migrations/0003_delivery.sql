-- What could not be decoded, parsed or stored, with the reason and the data itself.
CREATE TABLE dead_letters
(
  `id` String,
  `time` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
  `agentId` LowCardinality(String),
  `stage` LowCardinality(String),
  `reason` String CODEC(ZSTD(1)),
  `dataType` LowCardinality(String),
  `batchId` String,
  `rows` UInt32,
  -- How `body` is written: utf8 or base64.
  `encoding` LowCardinality(String),
  `body` String CODEC(ZSTD(3))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (time, id)
SETTINGS
  non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1,
  fsync_part_directory = 1;

-- Every batch that is stored, beside its events: the ledger's high-water mark after a restart.
CREATE TABLE batches
(
  `agentId` LowCardinality(String),
  `epoch` UInt64,
  `sequence` UInt64,
  `batchId` String,
  `dataType` LowCardinality(String),
  `rows` UInt32,
  `minTime` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
  `maxTime` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
  `firstPosition` String CODEC(ZSTD(1)),
  `lastPosition` String CODEC(ZSTD(1)),
  -- Deliveries of this batch that the collector saw before it was noted as stored; more than one is a re-delivery.
  `deliveries` UInt32,
  `storedAt` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(storedAt)
ORDER BY (agentId, epoch, sequence)
SETTINGS
  non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1,
  fsync_part_directory = 1;
