-- +goose Up
-- Every sum of an office's local day (span 1) or month (2) in one row; day is the first one, office 0 is all.
CREATE TABLE sheet (
  office BIGINT NOT NULL, span BIGINT NOT NULL, day BIGINT NOT NULL, data BYTEA NOT NULL, PRIMARY KEY (office, span, day)
);
CREATE INDEX sheet_day ON sheet (span, day);
CREATE TABLE due_sheet (
  office BIGINT NOT NULL, span BIGINT NOT NULL, day BIGINT NOT NULL, PRIMARY KEY (office, span, day)
);
INSERT INTO due_sheet (office, span, day) SELECT DISTINCT office, 1, hour / 24 FROM hour_row WHERE hour >= 0;
