-- +goose Up
-- The totals of a sheet of a day are its span 3, those of a month 4: parts alone, for pages that compare all offices.
INSERT INTO due_sheet (office, span, day) SELECT office, span + 2, day FROM sheet WHERE span IN (1, 2);
