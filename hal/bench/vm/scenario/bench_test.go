//go:build !vm

package scenario

// places is the bench alone: stories that need a kernel are behind the tag vm.
func places() []where { return []where{{"bench", onBench}} }
