package vm

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestCPIO checks the layout byte by byte where the kernel is strict: header, padding, end.
func TestCPIO(t *testing.T) {
	var b bytes.Buffer
	c := newCPIO(&b)
	if err := c.text("/etc/a", "xyz", 0o640); err != nil {
		t.Fatal(err)
	}
	if err := c.link("/etc/b", "a"); err != nil {
		t.Fatal(err)
	}
	if err := c.close(); err != nil {
		t.Fatal(err)
	}
	const head = "070701"
	zero := "00000000"
	want := head + "00000001" + "000041ed" + zero + zero + "00000001" + zero + zero + zero + zero + zero + zero + "00000004" + zero + "etc\x00\x00\x00" +
		head + "00000002" + "000081a0" + zero + zero + "00000001" + zero + "00000003" + zero + zero + zero + zero + "00000006" + zero + "etc/a\x00" + "xyz\x00" +
		head + "00000003" + "0000a1ff" + zero + zero + "00000001" + zero + "00000001" + zero + zero + zero + zero + "00000006" + zero + "etc/b\x00" + "a\x00\x00\x00"
	if got := b.String(); !strings.HasPrefix(got, want) || !strings.Contains(got[len(want):], "TRAILER!!!\x00") {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestRecords(t *testing.T) {
	var bad []string
	got := parseRecords([]byte("5 O 22 1\n6 I 22\n7 B 17 up\n8 X 17 z\n9 S 0 1000000 0c01\n10 S 1 500000\n11 L 3\nrubbish\n12 O 22\n13 S 0 1 0g\n"),
		func(_ string, a ...any) { bad = append(bad, a[0].(string)) })
	want := []Record{
		{Nanos: 5, Kind: Drives, Line: 22, Level: "1"},
		{Nanos: 6, Kind: Frees, Line: 22},
		{Nanos: 7, Kind: Biases, Line: 17, Level: "up"},
		{Nanos: 8, Kind: Outside, Line: 17, Level: "z"},
		{Nanos: 9, Kind: Message, Line: 0, Hertz: 1000000, Data: []byte{0x0c, 1}},
		{Nanos: 10, Kind: Message, Line: 1, Hertz: 500000},
		{Nanos: 11, Kind: Lost, Line: 3},
	}
	if len(got) != len(want) || len(bad) != 3 {
		t.Fatalf("got %+v and %q", got, bad)
	}
	for i := range want {
		if got[i].Kind != want[i].Kind || got[i].Nanos != want[i].Nanos || got[i].Line != want[i].Line ||
			got[i].Level != want[i].Level || got[i].Hertz != want[i].Hertz || !bytes.Equal(got[i].Data, want[i].Data) {
			t.Errorf("record %d: got %+v, want %+v", i, got[i], want[i])
		}
	}
}

func FuzzParseRecord(f *testing.F) {
	f.Add("9 S 0 1000000 0c01")
	f.Add("5 O 22 1")
	f.Fuzz(func(t *testing.T, line string) { ParseRecord(line) })
}

// TestLibraries compares with ldd, which asks the loader itself.
func TestLibraries(t *testing.T) {
	sh, err := filepath.EvalSymlinks("/bin/sh")
	if err != nil {
		t.Fatal(err)
	}
	got, err := libraries(sh, hostArch(t))
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("ldd", sh).Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) > 2 && f[1] == "=>" {
			if _, ok := got[f[2]]; !ok {
				t.Errorf("%s is missing from %v", f[2], got)
			}
		}
	}
	script := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(script, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if got, err := libraries(script, "amd64"); err != nil || len(got) != 0 {
		t.Errorf("got %v, %v for a script, want nothing", got, err)
	}
}

func hostArch(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("dpkg", "--print-architecture").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := lock(ctx, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v from a lock that is held, want the deadline", err)
	}
	unlock()
	again, err := lock(t.Context(), path)
	if err != nil {
		t.Fatalf("got %v from a lock that is free", err)
	}
	again()
}

func TestPinNumber(t *testing.T) {
	for name, want := range map[string]int{"GPIO0": 0, "GPIO17": 17, "GPIO": -1, "17": -1, "GPIOx": -1,
		"MCP23017@0x20/GPA3": 67, "MCP23017@0x20/GPB0": 72, "MCP23017@0x27/GPB7": 191,
		"MCP23017@0x28/GPA0": -1, "MCP23017@0x20/GPC0": -1, "MCP23017@0x20/GPA8": -1, "MCP23017@": -1} {
		got, err := PinNumber(name)
		if want < 0 && err == nil || want >= 0 && (err != nil || got != want) {
			t.Errorf("%s: got %d, %v, want %d", name, got, err, want)
		}
	}
}
