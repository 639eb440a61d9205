// Package hook is how a test inside the guest has things done outside of it.
//
// It owns the mark on the test's output, "HOOK <n> <what>", and the file that the bench makes when
// it is done. It refuses to know what is done.
package hook

import (
	"fmt"
	"os"
	"time"
)

// Hooks are the hooks of one program, counted from 1.
type Hooks struct{ n int }

// From counts on behind n: for a program of several processes, which must not use a number twice.
func (h *Hooks) From(n int) { h.n = n }

// limit is how long the bench may take, a model's answer included.
const limit = time.Minute

// Do says what is to be done, a name and perhaps a text, and waits until the bench has done it.
func (h *Hooks) Do(what string) error {
	h.n++
	fmt.Printf("HOOK %d %s\n", h.n, what)
	done := fmt.Sprintf("/tmp/hook.%d", h.n)
	for begun := time.Now(); time.Since(begun) < limit; time.Sleep(2 * time.Millisecond) {
		if _, err := os.Stat(done); err == nil {
			return nil
		}
	}
	return fmt.Errorf("hook %d %s was not done", h.n, what)
}
