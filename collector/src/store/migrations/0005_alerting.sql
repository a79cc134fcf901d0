-- What the alert pipeline adds to a finding.
ALTER TABLE alerts ADD COLUMN `tags` Array(String);
ALTER TABLE alerts ADD COLUMN `tactics` Array(LowCardinality(String));
ALTER TABLE alerts ADD COLUMN `techniques` Array(LowCardinality(String));
ALTER TABLE alerts ADD COLUMN `entities` Array(String);
ALTER TABLE alerts ADD COLUMN `risk` UInt32;
ALTER TABLE alerts ADD COLUMN `hidden` LowCardinality(String);
ALTER TABLE alerts ADD COLUMN `hiddenBy` String;
-- When a collector wrote it: what was not looked at yet is found by it.
ALTER TABLE alerts ADD COLUMN `storedAt` DateTime64(3, 'UTC') DEFAULT lastUpdate;
ALTER TABLE alerts ADD INDEX byStored storedAt TYPE minmax GRANULARITY 1;
-- What people made of alerts and incidents. The control database decides; this is its copy for queries, by the same version.
CREATE TABLE case_states
(
  `kind` LowCardinality(String),
  `id` String,
  `version` UInt32,
  `status` LowCardinality(String),
  `verdict` LowCardinality(String),
  `assignee` LowCardinality(String),
  `changedAt` DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (kind, id)
SETTINGS
  non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1,
  fsync_part_directory = 1;
-- Which incident an alert belongs to.
CREATE TABLE incident_alerts
(
  `alertId` String,
  `incidentId` String,
  `raisedAt` DateTime64(3, 'UTC'),
  `groupedAt` DateTime64(3, 'UTC'),
  INDEX byIncident incidentId TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX byGrouped groupedAt TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(groupedAt)
ORDER BY alertId
SETTINGS
  non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1,
  fsync_part_directory = 1;
-- Incidents: alerts of the same story, as they were when the last of them came.
CREATE TABLE incidents
(
  `id` String,
  `updatedAt` DateTime64(3, 'UTC'),
  `kind` LowCardinality(String),
  `title` String,
  `severity` LowCardinality(String),
  `risk` UInt32,
  `firstAt` DateTime64(3, 'UTC'),
  `lastAt` DateTime64(3, 'UTC'),
  `alerts` UInt32,
  `entities` Array(String),
  `rules` Array(String),
  `sources` Array(String),
  `tactics` Array(LowCardinality(String)),
  `techniques` Array(LowCardinality(String)),
  INDEX byLast lastAt TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(updatedAt)
ORDER BY id
SETTINGS
  non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1,
  fsync_part_directory = 1;
