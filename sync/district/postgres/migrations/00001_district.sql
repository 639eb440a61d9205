-- +goose Up
CREATE TABLE office (
  id BIGSERIAL PRIMARY KEY, name TEXT NOT NULL UNIQUE, district TEXT NOT NULL, zone TEXT NOT NULL
);
CREATE TABLE kiosk (
  id BIGSERIAL PRIMARY KEY, office BIGINT NOT NULL REFERENCES office, name TEXT NOT NULL, status TEXT NOT NULL,
  key_id BYTEA UNIQUE, pubkey BYTEA, old_id BYTEA UNIQUE, old_key BYTEA, old_until BIGINT NOT NULL DEFAULT 0,
  card BIGINT NOT NULL DEFAULT 0, cloned BIGINT NOT NULL DEFAULT 0, watch TEXT NOT NULL DEFAULT '{}', up BIGINT NOT NULL DEFAULT 0,
  seen BIGINT NOT NULL DEFAULT 0, complete BIGINT NOT NULL DEFAULT 0, boot BIGINT NOT NULL DEFAULT 0,
  beat TEXT NOT NULL DEFAULT '', UNIQUE (office, name)
) WITH (fillfactor = 50); -- rewritten by every heartbeat
CREATE TABLE invitation (
  token BYTEA PRIMARY KEY, kiosk BIGINT NOT NULL REFERENCES kiosk, expires BIGINT NOT NULL,
  used BYTEA NOT NULL, held BIGINT NOT NULL
);
CREATE TABLE approval (
  key_id BYTEA PRIMARY KEY, pubkey BYTEA NOT NULL, commitment BYTEA NOT NULL, random BYTEA NOT NULL, began BIGINT NOT NULL,
  number TEXT NOT NULL, tries BIGINT NOT NULL, closed BIGINT NOT NULL, kiosk BIGINT NOT NULL
);
-- One row per boot: the row that makes the effect exactly-once. mark is the acknowledgement.
CREATE TABLE stream (
  id BIGSERIAL PRIMARY KEY, uuid BYTEA NOT NULL UNIQUE, kiosk BIGINT NOT NULL REFERENCES kiosk, card BIGINT NOT NULL,
  boot BIGINT NOT NULL, mark BIGINT NOT NULL, tail BIGINT NOT NULL, prev BYTEA NOT NULL, prev_last BIGINT NOT NULL,
  prev_up BIGINT NOT NULL, span BIGINT NOT NULL, rx_up BIGINT NOT NULL, rx_at BIGINT NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX stream_order ON stream (kiosk, card, boot, id);
CREATE INDEX stream_missing ON stream (kiosk) WHERE mark < tail;
CREATE TABLE anchor (
  stream BIGINT NOT NULL, up BIGINT NOT NULL, source TEXT NOT NULL, lo BIGINT NOT NULL, hi BIGINT NOT NULL,
  PRIMARY KEY (stream, up, source)
);
CREATE TABLE span (
  stream BIGINT NOT NULL, first BIGINT NOT NULL, up BIGINT NOT NULL, PRIMARY KEY (stream, first)
);
CREATE TABLE event (
  stream BIGINT NOT NULL, seq BIGINT NOT NULL, up BIGINT NOT NULL, day BIGINT NOT NULL, number INTEGER NOT NULL,
  win INTEGER NOT NULL, leg INTEGER NOT NULL, n INTEGER NOT NULL, kind TEXT NOT NULL, service TEXT NOT NULL,
  queue TEXT NOT NULL, code TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (stream, seq)
);
CREATE TABLE hole (
  stream BIGINT NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL, why TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (stream, first)
);
CREATE TABLE quarantine (
  stream BIGINT NOT NULL, seq BIGINT NOT NULL, why TEXT NOT NULL, raw BYTEA NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (stream, seq)
);
-- What is out of date, since when first. change is drawn anew every time, so that a part that changes
-- while it is worked on stays here.
CREATE TABLE stale (
  stream BIGINT NOT NULL, first BIGINT NOT NULL, around BIGINT NOT NULL, change BIGINT NOT NULL, since BIGINT NOT NULL,
  PRIMARY KEY (stream, first)
) WITH (fillfactor = 50);
CREATE INDEX stale_since ON stale (since);
CREATE TABLE unit (
  kiosk BIGINT NOT NULL, card BIGINT NOT NULL, stream BIGINT NOT NULL, first BIGINT NOT NULL, carry BYTEA,
  events BIGINT NOT NULL, undated BIGINT NOT NULL, lo BIGINT NOT NULL, hi BIGINT NOT NULL,
  PRIMARY KEY (kiosk, card, stream, first)
);
CREATE INDEX unit_undated ON unit (kiosk) WHERE undated > 0;
CREATE TABLE unit_row (
  kiosk BIGINT NOT NULL, card BIGINT NOT NULL, stream BIGINT NOT NULL, first BIGINT NOT NULL, hour BIGINT NOT NULL,
  queue TEXT NOT NULL, win BIGINT NOT NULL, part TEXT NOT NULL, office BIGINT NOT NULL, data BYTEA NOT NULL,
  PRIMARY KEY (kiosk, card, stream, first, hour, queue, win, part)
);
CREATE INDEX unit_row_hour ON unit_row (office, hour);
-- office 0 is all of them. hour is local, -1 where nobody knows it.
CREATE TABLE hour_row (
  office BIGINT NOT NULL, hour BIGINT NOT NULL, queue TEXT NOT NULL, win BIGINT NOT NULL, part TEXT NOT NULL,
  data BYTEA NOT NULL, PRIMARY KEY (office, hour, queue, win, part)
);
CREATE INDEX hour_row_hour ON hour_row (hour);
CREATE TABLE cell_row (
  office BIGINT NOT NULL, month BIGINT NOT NULL, weekday BIGINT NOT NULL, hour BIGINT NOT NULL, queue TEXT NOT NULL,
  data BYTEA NOT NULL, PRIMARY KEY (office, month, weekday, hour, queue)
);
CREATE INDEX cell_row_month ON cell_row (month, weekday, hour);
CREATE TABLE due_hour (office BIGINT NOT NULL, hour BIGINT NOT NULL, PRIMARY KEY (office, hour));
CREATE TABLE due_cell (
  office BIGINT NOT NULL, month BIGINT NOT NULL, weekday BIGINT NOT NULL, hour BIGINT NOT NULL,
  PRIMARY KEY (office, month, weekday, hour)
);
CREATE TABLE account (name TEXT PRIMARY KEY, role TEXT NOT NULL, hash TEXT NOT NULL);
CREATE TABLE session (
  token BYTEA PRIMARY KEY, account TEXT NOT NULL, csrf TEXT NOT NULL, expires BIGINT NOT NULL
);
CREATE TABLE failure (name TEXT NOT NULL, at BIGINT NOT NULL);
CREATE INDEX failure_name ON failure (name, at);
CREATE TABLE audit (id BIGSERIAL PRIMARY KEY, at BIGINT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, note TEXT NOT NULL);
