package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"sps-kiosk/sync/district/postgres/pgtest"
)

// waitingServer starts a server whose database is not there, and returns when it has said so.
func waitingServer(t *testing.T, dir, database string) (p *serving, out io.Reader) {
	t.Helper()
	p = &serving{Cmd: program(t.Context(), dir, "-listen", "127.0.0.1:0", "-postgres", database)}
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	log, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Process.Kill() })
	for lines := bufio.NewScanner(log); lines.Scan(); {
		if strings.Contains(lines.Text(), "База данных не отвечает: ") && strings.Contains(lines.Text(), "Сервер ждёт её") {
			go io.Copy(io.Discard, log) // it ends with the process
			return p, out
		}
	}
	t.Fatal("the server ended without a word about its database")
	return nil, nil
}

// TestServerWaitsForItsDatabase: a server that is started while PostgreSQL is down says so and serves when
// that is up; told to stop meanwhile it ends with 0; a command does not wait.
func TestServerWaitsForItsDatabase(t *testing.T) {
	own, err := pgtest.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer own.Stop()
	database, err := own.Database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := own.Kill(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	stopped, _ := waitingServer(t, dir, database)
	stopped.Process.Signal(syscall.SIGTERM)
	if err := stopped.Wait(); err != nil {
		t.Errorf("told to stop: got %v, want exit code 0", err)
	}
	t.Chdir(dir)
	if code := run(t.Context(), []string{"-postgres", database, "list"}, io.Discard, io.Discard); code != 1 {
		t.Errorf("a command: got %d, want 1", code)
	}
	p, out := waitingServer(t, dir, database)
	if err := own.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); p.address == "" && lines.Scan(); {
		if _, rest, found := strings.Cut(lines.Text(), "слушает "); found {
			p.address = "https://" + strings.TrimSuffix(strings.Fields(rest)[0], ",")
		}
	}
	client := &http.Client{Timeout: time.Minute, Transport: trusting()}
	res, err := client.Get(p.address + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("the database is up: got %d, want 200", res.StatusCode)
	}
	p.Process.Signal(os.Interrupt)
	p.Wait()
}
