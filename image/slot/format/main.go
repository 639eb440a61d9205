// Command format writes the state block of a card that is being flashed to standard output.
package main

import (
	"fmt"
	"os"

	"sps-kiosk/image/slot"
)

func main() {
	if _, err := os.Stdout.Write(slot.Format(slot.Fresh())); err != nil {
		fmt.Fprintln(os.Stderr, "format:", err)
		os.Exit(1)
	}
}
