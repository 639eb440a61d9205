package stage

import (
	"math/rand/v2"
	"os"
	"strconv"
	"time"
)

// longest is how late a hesitating hand begins a step: as late as a crowded machine has been seen to make it.
const longest = 4 * time.Second

// hesitation is what a story does before each of its steps: nothing, or, with STAGE_HESITATE=SEED in the
// environment, one step of three begins up to longest late. No story may mind: what a citizen sees does
// not depend on how fast he is, and where the firmware promises a time the story must not be its clock.
func hesitation() func() {
	seed, err := strconv.ParseUint(os.Getenv("STAGE_HESITATE"), 10, 64)
	if err != nil {
		return func() {}
	}
	r := rand.New(rand.NewPCG(seed, seed))
	return func() {
		if r.IntN(3) == 0 {
			time.Sleep(time.Duration(r.Int64N(int64(longest))))
		}
	}
}
