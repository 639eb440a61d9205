//go:build !vm

package scenario

import (
	"testing"

	"sps-kiosk/hal/bench/stage"
)

// places is the bench alone: stories that need a kernel are behind the tag vm.
func places() []where { return []where{{"bench", onBench}} }

// noDisplay takes the display away or brings it back.
func noDisplay(_ *testing.T, s *stage.Stage, gone bool) { s.Machine().SetDisplay(gone) }
