package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sps-kiosk/cmd/internal/appliance"
	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/wire"
	"sps-kiosk/kiosk/config"
)

// kiosk is the path of the program under test: the real one, without the race detector.
var kiosk string

func TestMain(m *testing.M) {
	flag.Parse()
	folder, err := os.MkdirTemp("", "kiosk-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	kiosk = filepath.Join(folder, "kiosk")
	if out, err := exec.Command("go", "build", "-o", kiosk, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the kiosk: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

// rig is a drawn machine in this process and the real kiosk process attached to it.
type rig struct {
	t       *testing.T
	machine *bench.Machine
	socket  string
	data    string
	log     *output
	process *exec.Cmd
	extra   []string // further flags
}

// newRig stands a machine up; nothing runs on it yet.
func newRig(t *testing.T, layout bench.Layout) *rig {
	t.Helper()
	r := &rig{t: t, machine: bench.New(layout), data: t.TempDir(), log: &output{}}
	appliance.OpenHours(r.machine, config.Default())
	folder, err := os.MkdirTemp("", "rig-") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	r.socket = filepath.Join(folder, "s")
	l, err := net.Listen("unix", r.socket)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- wire.Serve(ctx, l, r.machine) }()
	t.Cleanup(func() {
		r.kill()
		cancel()
		if err := <-served; err != nil {
			t.Errorf("serve the board: %v", err)
		}
		r.machine.Close()
		os.RemoveAll(folder)
		if t.Failed() {
			t.Logf("the kiosk said:\n%s", r.log.tail(60))
		}
	})
	return r
}

// start starts the kiosk and waits until it serves.
func (r *rig) start() {
	r.t.Helper()
	r.log.mark()
	r.process = exec.Command(kiosk, append([]string{"-board", "bench:" + r.socket, "-data", r.data}, r.extra...)...)
	r.process.Stdout, r.process.Stderr = r.log, r.log
	if err := r.process.Start(); err != nil {
		r.t.Fatal(err)
	}
	for limit := time.Now().Add(30 * time.Second); !r.log.since("serving"); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(limit) {
			r.t.Fatalf("the kiosk does not serve after 30 s:\n%s", r.log.tail(30))
		}
	}
}

// kill is SIGKILL: nothing is flushed, nobody is asked.
func (r *rig) kill() {
	if r.process != nil {
		r.process.Process.Kill()
		r.process.Wait()
		r.process = nil
	}
}

// output keeps what a process wrote.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	from int
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// mark makes since look only at what comes after it.
func (o *output) mark() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.from = o.text.Len()
}

func (o *output) since(word string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Contains(o.text.Bytes()[o.from:], []byte(word))
}

func (o *output) tail(lines int) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := strings.Split(o.text.String(), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
