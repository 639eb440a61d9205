package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sps-kiosk/sync/district/sqlite"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// TestMain is the program itself where a test has started it as one.
func TestMain(m *testing.M) {
	if args := os.Getenv("DISTRICT_ARGS"); args != "" {
		os.Args = append(os.Args[:1], strings.Split(args, "\n")...)
		main()
	}
	os.Exit(m.Run())
}

// program runs the program in a directory.
func program(ctx context.Context, dir string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, os.Args[0])
	c.Dir, c.Env = dir, append(os.Environ(), "DISTRICT_ARGS="+strings.Join(args, "\n"))
	return c
}

// do runs the program to its end.
func do(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := program(t.Context(), dir, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("district %v: %v: %s", args, err, out)
	}
	return string(out)
}

// serving is a running server.
type serving struct {
	*exec.Cmd
	address string
	said    string
}

// start starts the server and waits until it says where it listens.
func start(t *testing.T, dir string, args ...string) *serving {
	t.Helper()
	s := &serving{Cmd: program(t.Context(), dir, append([]string{"-listen", "127.0.0.1:0"}, args...)...)}
	s.Stderr = os.Stderr
	out, err := s.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Process.Kill() }) // for a test that failed before it ended the server
	for lines := bufio.NewScanner(out); lines.Scan(); {
		s.said += lines.Text() + "\n"
		if _, rest, found := strings.Cut(lines.Text(), "слушает "); found {
			s.address = "https://" + strings.TrimSuffix(strings.Fields(rest)[0], ",")
			go io.Copy(io.Discard, out) // it ends with the process
			return s
		}
	}
	t.Fatalf("the server said %q and no address", s.said)
	return nil
}

// kiosk is a device that sends.
type kiosk struct {
	key    *ident.Key
	to     ident.Public
	stream wire.StreamID
	acked  uint64 // by a signed answer
}

// send makes a call; the error is of the way, or of an answer that is not the district's.
func (k *kiosk) send(client *http.Client, address, call string, body []byte) (a wire.Answer, err error) {
	signed := k.key.Sign(k.to.ID(), call, body)
	req, err := http.NewRequest(http.MethodPost, address+"/v1/"+call, bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	req.Header.Set(ident.HeaderRequest, signed.Header)
	res, err := client.Do(req)
	if err != nil {
		return a, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return a, err
	}
	if err := signed.VerifyAnswer(res.Header.Get(ident.HeaderAnswer), []ident.Public{k.to}, res.StatusCode, text); err != nil {
		return a, err
	}
	return wire.ParseAnswer(text)
}

// trusting is a way to the server that does not ask whose certificate it has.
func trusting() *http.Transport {
	return &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
}

// enrolled adds a kiosk of a number to the first office, and redeems its file.
func enrolled(t *testing.T, dir string, client *http.Client, address string, number int) *kiosk {
	t.Helper()
	file := fmt.Sprintf("enroll%d.json", number)
	do(t, dir, "-o", file, "kiosk", "1", fmt.Sprint("киоск ", number))
	text, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	e, err := ident.ParseEnrolment(text)
	if err != nil {
		t.Fatal(err)
	}
	k := &kiosk{key: ident.NewKey(), to: e.Server, stream: wire.NewStreamID()}
	body := []byte(fmt.Sprintf(`{"key":%q,"token":%q}`, k.key.Public(), e.Token))
	if a, err := k.send(client, address, ident.CallEnrol, body); err != nil || a.Status != string(ident.Active) {
		t.Fatalf("enrol: got %+v, %v, want active", a, err)
	}
	return k
}

// event is the fact of a place.
func event(seq uint64) wire.Event {
	return wire.Event{Seq: seq, Up: int64(seq) * 1000, Kind: "issued", Day: 1, Service: "docs", Number: int(seq%999) + 1, Queue: "docs"}
}

// batch sends 25 events after what is acknowledged.
func (k *kiosk) batch(client *http.Client, address string) error {
	var events []wire.Event
	for i := range uint64(25) {
		events = append(events, event(k.acked+1+i))
	}
	var enc wire.Encoder
	body, err := enc.Encode(wire.Head{Stream: k.stream, Boot: 1, First: k.acked + 1}, events)
	if err != nil {
		return err
	}
	a, err := k.send(client, address, ident.CallBatch, body)
	switch {
	case err != nil:
		return err
	case a.Status != string(ident.Active):
		return fmt.Errorf("answer %+v", a)
	case a.Ack < k.acked:
		return fmt.Errorf("%w: mark went from %d down to %d", errLost, k.acked, a.Ack)
	}
	k.acked = a.Ack
	return nil
}

var errLost = errors.New("acknowledged events are gone")

// TestKilledServerLosesNothing kills the server six times while four kiosks send, each time after a
// number of acknowledgements. What was acknowledged is there, once.
func TestKilledServerLosesNothing(t *testing.T) {
	dir := t.TempDir()
	do(t, dir, "office", "МФЦ Кошки")
	client := &http.Client{Timeout: time.Minute, Transport: trusting()}
	s := start(t, dir)
	if !strings.Contains(s.said, "имя admin, пароль ") {
		t.Errorf("the first start said %q, want the first password", s.said)
	}
	kiosks := make([]*kiosk, 4)
	for i := range kiosks {
		kiosks[i] = enrolled(t, dir, client, s.address, i)
	}
	for round := range 6 {
		if round > 0 {
			s = start(t, dir)
			if strings.Contains(s.said, "пароль") {
				t.Errorf("start %d said %q: the password is for the first one", round+1, s.said)
			}
		}
		var acks atomic.Int64
		var wg sync.WaitGroup
		for _, k := range kiosks {
			wg.Go(func() {
				for {
					if err := k.batch(client, s.address); errors.Is(err, errLost) {
						t.Error(err)
						return
					} else if err != nil { // the server is gone: the batch comes again
						return
					}
					if acks.Add(1) == int64(9+round) {
						s.Process.Signal(syscall.SIGKILL)
					}
				}
			})
		}
		wg.Wait()
		s.Wait() // it was killed
	}
	s = start(t, dir)
	for _, k := range kiosks {
		before := k.acked
		if err := k.batch(client, s.address); err != nil || k.acked < before+25 {
			t.Errorf("after the kills: got ack %d after %d, %v", k.acked, before, err)
		}
	}
	s.Process.Signal(syscall.SIGTERM)
	if err := s.Wait(); err != nil {
		t.Errorf("graceful stop: %v", err)
	}
	check(t, filepath.Join(dir, "data", "district.db"), kiosks)
}

// check reads the database: every stream has its events from 1 to its mark, once.
func check(t *testing.T, path string, kiosks []*kiosk) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for i, k := range kiosks {
		all, _, _, err := store.Around(t.Context(), int64(i+1), 0)
		if err != nil || len(all) != 1 {
			t.Fatalf("stream %d: got %+v, %v", i+1, all, err)
		}
		next := uint64(1)
		err = store.Events(t.Context(), all[0].Row, 0, 1<<40, func(e wire.Event) error {
			if e != event(next) {
				return fmt.Errorf("got %+v, want %+v", e, event(next))
			}
			next++
			return nil
		})
		mark, _ := store.Mark(t.Context(), all[0].ID)
		if err != nil || next-1 != mark {
			t.Errorf("stream %d: got events up to %d, %v, want %d", i+1, next-1, err, mark)
		}
		if mark < k.acked && all[0].ID == k.stream {
			t.Errorf("stream %d: got %d, want the %d acknowledged", i+1, mark, k.acked)
		}
	}
}

// TestExitCodes: what is not understood is 2, what could not be done 1.
func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	do(t, dir, "office", "МФЦ Кошки")
	do(t, dir, "kiosk", "1", "у входа")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"nonsense"}, 2, "Флаги"},
		{[]string{"office"}, 2, "Флаги"},
		{[]string{"-nonsense"}, 2, "Флаги"},
		{[]string{"-h"}, 0, "сервер статистики района"},
		{[]string{"-norm", "docs", "list"}, 2, "docs=20m"},
		{[]string{"list"}, 0, ""},
		{[]string{"office", "МФЦ Кошки"}, 1, "taken"},
		{[]string{"-zone", "Mars/Olympus", "office", "МФЦ Марс"}, 1, "Europe/Samara"},
		{[]string{"kiosk", "1", "в зале"}, 1, "enroll.json"}, // the file is there
		{[]string{"kiosk", "один", "в зале"}, 1, "не номер"},
		{[]string{"approve", "1", "123456"}, 1, "никто не просится"},
		{[]string{"revoke", "7"}, 1, "no such"},
		{[]string{"restore", "1"}, 1, "нет ключа"},
		{[]string{"bundle", "1.5", "enroll.json"}, 0, ""},
		{[]string{"bundle", "1.4", "enroll.json"}, 1, "не новее"},
		{[]string{"bundle", "1.6", "nowhere"}, 1, "файл обновления"},
		{[]string{"backup", "copies"}, 0, ""},
		{[]string{"recompute"}, 0, ""},
		{[]string{"-role", "admin", "password", "мария"}, 0, ""},
		{[]string{"-postgres", "postgres://nobody@127.0.0.1:1/none", "list"}, 1, "database"},
	} {
		var log strings.Builder
		if code := run(t.Context(), c.args, io.Discard, &log); code != c.code || !strings.Contains(log.String(), c.says) {
			t.Errorf("%v: got %d %q, want %d and %q", c.args, code, log.String(), c.code, c.says)
		}
	}
}
