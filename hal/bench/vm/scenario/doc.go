// Package scenario plays stories of the kiosk on a stock kernel: the firmware as it ships, behind
// real drivers. It is tests only, behind the tag vm: `go test -tags vm ./hal/bench/vm/...`.
package scenario
