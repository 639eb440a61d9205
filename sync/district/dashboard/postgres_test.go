package dashboard_test

import (
	"testing"

	"sps-kiosk/sync/district/postgres"
	"sps-kiosk/sync/district/postgres/pgtest"
)

// TestEveryFigureIsItsDefinitionOnPostgres is the same over PostgreSQL, whose roll-ups are folded and read
// by other statements.
func TestEveryFigureIsItsDefinitionOnPostgres(t *testing.T) {
	server, err := pgtest.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Stop() })
	address, err := server.Database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	store, err := postgres.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	w := newSmallWorld(t, newRigOver(t, store, named))
	checkFigures(t, w, define(t, w, "pgx", address))
}
