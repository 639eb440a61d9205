-- +goose Up
-- Every sum of an office's local day (span 1) or month (2) in one row; day is the first one, office 0 is all.
CREATE TABLE sheet (
  office INTEGER NOT NULL, span INTEGER NOT NULL, day INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (office, span, day)
);
CREATE INDEX sheet_day ON sheet (span, day);
CREATE TABLE due_sheet (
  office INTEGER NOT NULL, span INTEGER NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (office, span, day)
) WITHOUT ROWID;
INSERT INTO due_sheet (office, span, day) SELECT DISTINCT office, 1, hour / 24 FROM hour_row WHERE hour >= 0;
