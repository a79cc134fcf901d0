-- A part of an insert is written, and synced, as some twenty files in place of more than three hundred: columns get files of
-- their own when parts have been merged to these sizes.
ALTER TABLE events MODIFY SETTING min_bytes_for_wide_part = 268435456;
ALTER TABLE alerts MODIFY SETTING min_bytes_for_wide_part = 134217728;
ALTER TABLE incidents MODIFY SETTING min_bytes_for_wide_part = 134217728;
