-- +goose Up
CREATE TABLE office (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, district TEXT NOT NULL, zone TEXT NOT NULL
);
CREATE TABLE kiosk (
  id INTEGER PRIMARY KEY AUTOINCREMENT, office INTEGER NOT NULL REFERENCES office, name TEXT NOT NULL, status TEXT NOT NULL,
  key_id BLOB UNIQUE, pubkey BLOB, old_id BLOB UNIQUE, old_key BLOB, old_until INTEGER NOT NULL DEFAULT 0,
  card INTEGER NOT NULL DEFAULT 0, cloned INTEGER NOT NULL DEFAULT 0, watch TEXT NOT NULL DEFAULT '{}', up INTEGER NOT NULL DEFAULT 0,
  seen INTEGER NOT NULL DEFAULT 0, complete INTEGER NOT NULL DEFAULT 0, boot INTEGER NOT NULL DEFAULT 0,
  beat TEXT NOT NULL DEFAULT '', UNIQUE (office, name)
);
CREATE TABLE invitation (
  token BLOB PRIMARY KEY, kiosk INTEGER NOT NULL REFERENCES kiosk, expires INTEGER NOT NULL,
  used BLOB NOT NULL, held INTEGER NOT NULL
);
CREATE TABLE approval (
  key_id BLOB PRIMARY KEY, pubkey BLOB NOT NULL, commitment BLOB NOT NULL, random BLOB NOT NULL, began INTEGER NOT NULL,
  number TEXT NOT NULL, tries INTEGER NOT NULL, closed INTEGER NOT NULL, kiosk INTEGER NOT NULL
);
-- One row per boot: the row that makes the effect exactly-once. mark is the acknowledgement.
CREATE TABLE stream (
  id INTEGER PRIMARY KEY AUTOINCREMENT, uuid BLOB NOT NULL UNIQUE, kiosk INTEGER NOT NULL REFERENCES kiosk, card INTEGER NOT NULL,
  boot INTEGER NOT NULL, mark INTEGER NOT NULL, tail INTEGER NOT NULL, prev BLOB NOT NULL, prev_last INTEGER NOT NULL,
  prev_up INTEGER NOT NULL, span INTEGER NOT NULL, rx_up INTEGER NOT NULL, rx_at INTEGER NOT NULL
);
CREATE INDEX stream_order ON stream (kiosk, card, boot, id);
CREATE INDEX stream_missing ON stream (kiosk) WHERE mark < tail;
CREATE TABLE anchor (
  stream INTEGER NOT NULL, up INTEGER NOT NULL, source TEXT NOT NULL, lo INTEGER NOT NULL, hi INTEGER NOT NULL,
  PRIMARY KEY (stream, up, source)
) WITHOUT ROWID;
CREATE TABLE span (
  stream INTEGER NOT NULL, first INTEGER NOT NULL, up INTEGER NOT NULL, PRIMARY KEY (stream, first)
) WITHOUT ROWID;
CREATE TABLE event (
  stream INTEGER NOT NULL, seq INTEGER NOT NULL, up INTEGER NOT NULL, day INTEGER NOT NULL, number INTEGER NOT NULL,
  win INTEGER NOT NULL, leg INTEGER NOT NULL, n INTEGER NOT NULL, kind TEXT NOT NULL, service TEXT NOT NULL,
  queue TEXT NOT NULL, code TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (stream, seq)
) WITHOUT ROWID;
CREATE TABLE hole (
  stream INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, why TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (stream, first)
) WITHOUT ROWID;
CREATE TABLE quarantine (
  stream INTEGER NOT NULL, seq INTEGER NOT NULL, why TEXT NOT NULL, raw BLOB NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (stream, seq)
) WITHOUT ROWID;
-- What is out of date, since when first. change is drawn anew every time, so that a part that changes
-- while it is worked on stays here.
CREATE TABLE stale (
  stream INTEGER NOT NULL, first INTEGER NOT NULL, around INTEGER NOT NULL, change INTEGER NOT NULL, since INTEGER NOT NULL,
  PRIMARY KEY (stream, first)
) WITHOUT ROWID;
CREATE INDEX stale_since ON stale (since);
CREATE TABLE unit (
  kiosk INTEGER NOT NULL, card INTEGER NOT NULL, stream INTEGER NOT NULL, first INTEGER NOT NULL, carry BLOB,
  events INTEGER NOT NULL, undated INTEGER NOT NULL, lo INTEGER NOT NULL, hi INTEGER NOT NULL,
  PRIMARY KEY (kiosk, card, stream, first)
) WITHOUT ROWID;
CREATE INDEX unit_undated ON unit (kiosk) WHERE undated > 0;
CREATE TABLE unit_row (
  kiosk INTEGER NOT NULL, card INTEGER NOT NULL, stream INTEGER NOT NULL, first INTEGER NOT NULL, hour INTEGER NOT NULL,
  queue TEXT NOT NULL, win INTEGER NOT NULL, part TEXT NOT NULL, office INTEGER NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (kiosk, card, stream, first, hour, queue, win, part)
) WITHOUT ROWID;
CREATE INDEX unit_row_hour ON unit_row (office, hour);
-- office 0 is all of them. hour is local, -1 where nobody knows it.
CREATE TABLE hour_row (
  office INTEGER NOT NULL, hour INTEGER NOT NULL, queue TEXT NOT NULL, win INTEGER NOT NULL, part TEXT NOT NULL,
  data BLOB NOT NULL, PRIMARY KEY (office, hour, queue, win, part)
) WITHOUT ROWID;
CREATE INDEX hour_row_hour ON hour_row (hour);
CREATE TABLE cell_row (
  office INTEGER NOT NULL, month INTEGER NOT NULL, weekday INTEGER NOT NULL, hour INTEGER NOT NULL, queue TEXT NOT NULL,
  data BLOB NOT NULL, PRIMARY KEY (office, month, weekday, hour, queue)
) WITHOUT ROWID;
CREATE INDEX cell_row_month ON cell_row (month, weekday, hour);
CREATE TABLE due_hour (office INTEGER NOT NULL, hour INTEGER NOT NULL, PRIMARY KEY (office, hour)) WITHOUT ROWID;
CREATE TABLE due_cell (
  office INTEGER NOT NULL, month INTEGER NOT NULL, weekday INTEGER NOT NULL, hour INTEGER NOT NULL,
  PRIMARY KEY (office, month, weekday, hour)
) WITHOUT ROWID;
CREATE TABLE account (name TEXT PRIMARY KEY, role TEXT NOT NULL, hash TEXT NOT NULL);
CREATE TABLE session (
  token BLOB PRIMARY KEY, account TEXT NOT NULL, csrf TEXT NOT NULL, expires INTEGER NOT NULL
);
CREATE TABLE failure (name TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX failure_name ON failure (name, at);
CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, note TEXT NOT NULL);
