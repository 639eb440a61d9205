-- +goose Up
-- Whether the events of a boot were deleted after they were rolled up. Its mark stays: nothing of it is taken again.
ALTER TABLE stream ADD COLUMN pruned INTEGER NOT NULL DEFAULT 0;
