package tables

import (
	"context"
	"strings"
)

// atOnce are the numbers of rows that one statement inserts, so that there are few texts of it. More in
// one saves nothing: the driver of SQLite looks for every parameter among all of them.
var atOnce = [...]int{8, 1}

// many inserts n rows of so many columns, with what stands behind their values.
func (c conn) many(ctx context.Context, into string, columns, n int, row func(int) []any, behind string) error {
	one := "(?" + strings.Repeat(", ?", columns-1) + ")"
	args := make([]any, 0, min(n, atOnce[0])*columns)
	for _, size := range atOnce {
		if n < size {
			continue
		}
		query := into + one + strings.Repeat(", "+one, size-1) + behind
		for ; n >= size; n -= size {
			args = args[:0]
			for i := n - size; i < n; i++ {
				args = append(args, row(i)...)
			}
			if _, err := c.exec(ctx, query, args...); err != nil {
				return err
			}
		}
	}
	return nil
}
