package postgres_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/postgres"
	"sps-kiosk/sync/district/postgres/pgtest"
	"sps-kiosk/sync/district/storetest"
)

// server is the PostgreSQL of this run of tests.
var server *pgtest.Server

func TestMain(m *testing.M) {
	if storetest.HeatChild(func(ctx context.Context, address string) (district.Store, error) { return postgres.Open(ctx, address) }) {
		return
	}
	os.Exit(run(m))
}

// run starts PostgreSQL, and stops it whatever the tests do.
func run(m *testing.M) int {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var err error
	if server, err = pgtest.Start(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer server.Stop()
	return m.Run()
}

// TestStore holds PostgreSQL to the contract; opened twice, the two are replicas.
func TestStore(t *testing.T) {
	var mu sync.Mutex
	addresses := map[string]string{}
	storetest.Run(t, func(t *testing.T) district.Store {
		mu.Lock()
		defer mu.Unlock()
		if addresses[t.Name()] == "" {
			addresses[t.Name()] = database(t)
		}
		return open(t, addresses[t.Name()])
	})
}

func database(t testing.TB) string {
	t.Helper()
	address, err := server.Database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func open(t testing.TB, address string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), address)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}
