-- +goose Up
-- Which firmware is offered to which kiosks, in stages.
CREATE TABLE firmware (
  id BIGSERIAL PRIMARY KEY, version TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, size BIGINT NOT NULL, made BIGINT NOT NULL,
  state TEXT NOT NULL, why TEXT NOT NULL, stage BIGINT NOT NULL, since BIGINT NOT NULL, bad BIGINT NOT NULL,
  patience BIGINT NOT NULL, rest BIGINT NOT NULL
);
CREATE TABLE firmware_kiosk (
  firmware BIGINT NOT NULL REFERENCES firmware, kiosk BIGINT NOT NULL REFERENCES kiosk, stage BIGINT NOT NULL, state TEXT NOT NULL,
  at BIGINT NOT NULL, PRIMARY KEY (firmware, kiosk)
);
CREATE INDEX firmware_of_kiosk ON firmware_kiosk (kiosk, firmware);
