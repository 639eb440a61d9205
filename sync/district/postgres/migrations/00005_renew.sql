-- +goose Up
-- Name of the key that a kiosk was asked to replace: sixteen bytes, nothing for none.
ALTER TABLE kiosk ADD COLUMN renew BYTEA NOT NULL DEFAULT '';
