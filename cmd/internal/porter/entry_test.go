//go:build vmguest

package porter_test

import (
	"fmt"
	"os"

	"sps-kiosk/cmd/internal/launch"
)

// enter is what else this program is in the guest: an instance of the scan unit, or the door to a confined
// test. It returns only if it is neither.
func enter() {
	if len(os.Args) < 2 {
		return
	}
	var err error
	switch os.Args[1] {
	case "instance":
		err = launch.Enter(guestWorker())
	case "confine":
		err = confine(os.Args[2:])
	default:
		return
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
