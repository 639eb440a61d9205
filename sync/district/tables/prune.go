package tables

import (
	"context"
	"time"
)

// prunable are boots whose events may go: nothing of their kiosk waits to be counted, and a later boot of the
// card in which a business day began was heard of long ago. Up to that one nothing is missing, so that
// nothing more comes for the day that goes over from the boot.
const prunable = `SELECT s.id FROM stream s WHERE s.pruned = 0 AND s.mark > 0 AND s.mark >= s.tail
	AND EXISTS (SELECT 1 FROM stream n WHERE n.kiosk = s.kiosk AND n.card = s.card AND n.boot > s.boot AND n.mark >= n.tail
		AND n.rx_at > 0 AND n.rx_at < ? AND EXISTS (SELECT 1 FROM span p WHERE p.stream = n.id)
		AND NOT EXISTS (SELECT 1 FROM stream m WHERE m.kiosk = s.kiosk AND m.card = s.card AND m.mark < m.tail
			AND (m.boot = 0 OR m.boot > s.boot AND m.boot < n.boot)))
	AND NOT EXISTS (SELECT 1 FROM stream t JOIN stale d ON d.stream = t.id WHERE t.kiosk = s.kiosk) ORDER BY s.id LIMIT ?`

// Prune is district.Rolls'.
func (t *Tables) Prune(ctx context.Context, before time.Time, most int) (n int, err error) {
	err = t.later(ctx, func(c conn) error {
		list, err := collect(ctx, c, c.locked(prunable), []any{Millis(before), most}, func(scan func(...any) error) (id int64, err error) { return id, scan(&id) })
		if err != nil {
			return err
		}
		for _, id := range list {
			for _, query := range []string{"DELETE FROM event WHERE stream = ?", "UPDATE stream SET pruned = 1 WHERE id = ?"} {
				if _, err := c.exec(ctx, query, id); err != nil {
					return err
				}
			}
		}
		n = len(list)
		return nil
	})
	return n, err
}
