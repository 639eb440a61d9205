-- +goose Up
-- What a task of the server must know after a restart or on another replica; the data are its own.
CREATE TABLE note (name TEXT PRIMARY KEY, data BYTEA NOT NULL);
