-- +goose Up
-- Which firmware is offered to which kiosks, in stages.
CREATE TABLE firmware (
  id INTEGER PRIMARY KEY AUTOINCREMENT, version TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, size INTEGER NOT NULL, made INTEGER NOT NULL,
  state TEXT NOT NULL, why TEXT NOT NULL, stage INTEGER NOT NULL, since INTEGER NOT NULL, bad INTEGER NOT NULL,
  patience INTEGER NOT NULL, rest INTEGER NOT NULL
);
CREATE TABLE firmware_kiosk (
  firmware INTEGER NOT NULL REFERENCES firmware, kiosk INTEGER NOT NULL REFERENCES kiosk, stage INTEGER NOT NULL, state TEXT NOT NULL,
  at INTEGER NOT NULL, PRIMARY KEY (firmware, kiosk)
) WITHOUT ROWID;
CREATE INDEX firmware_of_kiosk ON firmware_kiosk (kiosk, firmware);
