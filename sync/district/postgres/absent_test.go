package postgres_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"sps-kiosk/sync/district/postgres"
)

// TestAbsent: a server waits for what may come, and for nothing that somebody must mend.
func TestAbsent(t *testing.T) {
	_, nobody := postgres.Open(t.Context(), "postgres://district@127.0.0.1:1/none")
	_, unreadable := postgres.Open(t.Context(), "postgres://district@127.0.0.1:one/none")
	for _, c := range []struct {
		name string
		err  error
		want bool
	}{
		{"nobody listens", nobody, true},
		{"it starts", &pgconn.PgError{Code: "57P03"}, true},
		{"it is full", fmt.Errorf("connect: %w", &pgconn.PgError{Code: "53300"}), true},
		{"no such address", unreadable, false},
		{"wrong password", &pgconn.PgError{Code: "28P01"}, false},
		{"no such database", &pgconn.PgError{Code: "3D000"}, false},
		{"another reason", errors.New("fsync = off"), false},
		{"none", nil, false},
	} {
		if got := postgres.Absent(c.err); got != c.want {
			t.Errorf("%s (%v): got %t, want %t", c.name, c.err, got, c.want)
		}
	}
}
