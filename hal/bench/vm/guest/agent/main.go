// Command agent is the first program in the guest: it prepares the system as far as the program
// under test needs it, and then does what the bench outside asks for.
//
// It is linked statically and uses nothing but the kernel. It refuses to wait for anything but
// devices: all waiting for events is the bench's business.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"sps-kiosk/hal/bench/vm/guest"
)

func main() {
	fmt.Println("agent:", serve())
	// The end of the first process is a kernel panic, which ends QEMU: the console tells why.
}

// serve returns only what went wrong.
func serve() error {
	if err := prepare(); err != nil {
		return err
	}
	port, err := openPort()
	if err != nil {
		return err
	}
	a := newAgent(port)
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return err
	}
	a.say(guest.Message{Kind: guest.KindReady, Text: string(release[:len(release)-1])})
	go a.records()
	in := bufio.NewReaderSize(port, 64<<10)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil { // nobody is connected outside: they may come back
			time.Sleep(20 * time.Millisecond)
			continue
		}
		var r guest.Request
		if err := json.Unmarshal(line, &r); err != nil {
			return fmt.Errorf("request %.80q: %w", line, err)
		}
		go a.answer(r)
	}
}
