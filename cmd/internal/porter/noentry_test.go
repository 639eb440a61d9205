//go:build !vmguest

package porter_test

// enter is for the guest.
func enter() {}
