-- Whose alerts an incident is of; empty for those of before.
ALTER TABLE incidents ADD COLUMN `tenantId` LowCardinality(String);
