//go:build vm

package vm

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// confinement says in numbers what a unit of systemd leaves to its service: capabilities, families of sockets and
// system calls. The sets of calls are those of this machine's systemd, which need not be the card's.
func confinement(t *testing.T, unit string) string {
	t.Helper()
	b, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	caps := map[string]int{"CAP_SYS_ADMIN": unix.CAP_SYS_ADMIN, "CAP_KILL": unix.CAP_KILL, "CAP_DAC_READ_SEARCH": unix.CAP_DAC_READ_SEARCH}
	families := map[string]int{"AF_UNIX": unix.AF_UNIX, "AF_NETLINK": unix.AF_NETLINK}
	allowed, numbers := map[string]bool{}, callNumbers(t)
	var text strings.Builder
	for line := range strings.Lines(string(b)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch key {
		case "CapabilityBoundingSet":
			text.WriteString(inNumbers(t, "caps", strings.Fields(value), caps))
		case "RestrictAddressFamilies":
			text.WriteString(inNumbers(t, "families", strings.Fields(value), families))
		case "SystemCallFilter":
			value, taken := strings.CutPrefix(value, "~")
			for _, name := range calls(t, strings.Fields(value)) {
				allowed[name] = !taken
			}
		}
	}
	text.WriteString("calls")
	for name, n := range numbers {
		if allowed[name] {
			fmt.Fprintf(&text, " %d", n)
		}
	}
	return text.String() + "\n"
}

// inNumbers is a line of what words mean.
func inNumbers(t *testing.T, what string, words []string, mean map[string]int) string {
	t.Helper()
	for _, w := range words {
		n, ok := mean[w]
		if !ok {
			t.Fatalf("%s: the number of %s is not known here", what, w)
		}
		what += fmt.Sprintf(" %d", n)
	}
	return what + "\n"
}

// calls resolves the sets among names of system calls.
func calls(t *testing.T, names []string) (all []string) {
	t.Helper()
	for _, name := range names {
		if !strings.HasPrefix(name, "@") {
			all = append(all, name)
			continue
		}
		out, err := exec.Command("systemd-analyze", "--no-pager", "syscall-filter", name).Output()
		if err != nil {
			t.Fatalf("ask for the calls of %s: %v", name, err)
		}
		var inner []string
		for line := range strings.Lines(string(out)) {
			if line = strings.TrimSpace(line); line != name && line != "" && !strings.HasPrefix(line, "#") {
				inner = append(inner, line)
			}
		}
		all = append(all, calls(t, inner)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

var callLine = regexp.MustCompile(`(?m)^#define __NR_(\w+) (\d+)$`)

// callNumbers reads the kernel's numbers out of its header for programs. Of cachestat, which is younger than that, it
// knows the number by itself (Linux 6.5; the same on all architectures).
func callNumbers(t *testing.T) map[string]int {
	t.Helper()
	b, err := os.ReadFile("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]int{"cachestat": unix.SYS_CACHESTAT}
	for _, m := range callLine.FindAllStringSubmatch(string(b), -1) {
		var n int
		fmt.Sscan(m[2], &n)
		all[m[1]] = n
	}
	return all
}
