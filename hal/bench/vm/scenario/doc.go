// Package scenario plays stories of the kiosk: the firmware as it ships, as a process on the virtual
// machine, and with the tag vm on a stock kernel behind real drivers as well. It is tests only.
package scenario
