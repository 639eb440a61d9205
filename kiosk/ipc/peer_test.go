package ipc

import (
	"os"
	"testing"
)

// TestPeer: over a pair of this process it is this process's user.
func TestPeer(t *testing.T) {
	one, other, err := Pair()
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	c, err := FromFile(one, KioskToPorter)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if uid, err := c.Peer(); err != nil || uid != os.Getuid() {
		t.Errorf("got user %d, %v, want %d", uid, err, os.Getuid())
	}
}
