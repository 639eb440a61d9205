package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// words are what the kernel's command line says to us:
//
//	kiosk.slot=A kiosk.verity=HASH,BLOCKS,SALT
//
// with the root hash and the salt in hex and the number of data blocks of 4096 bytes.
type words struct {
	slot       string // "a" or "b", as the partitions are named
	hash, salt string
	blocks     uint64
}

// parse reads the command line of the boot loader.
func parse(line string) (words, error) {
	var w words
	for _, f := range strings.Fields(line) {
		switch name, value, _ := strings.Cut(f, "="); name {
		case "kiosk.slot":
			w.slot = strings.ToLower(value)
		case "kiosk.verity":
			parts := strings.Split(value, ",")
			if len(parts) != 3 {
				return w, fmt.Errorf("kiosk.verity=%q: want hash, blocks, salt", value)
			}
			var err error
			if w.blocks, err = strconv.ParseUint(parts[1], 10, 40); err != nil || w.blocks == 0 {
				return w, fmt.Errorf("kiosk.verity: %q blocks", parts[1])
			}
			w.hash, w.salt = parts[0], parts[2]
		}
	}
	if w.slot != "a" && w.slot != "b" {
		return w, fmt.Errorf("kiosk.slot is %q", w.slot)
	}
	for _, h := range []string{w.hash, w.salt} {
		if b, err := hex.DecodeString(h); err != nil || len(b) != 32 {
			return w, errors.New("kiosk.verity: hash and salt are 64 hex digits each")
		}
	}
	return w, nil
}
