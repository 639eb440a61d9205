package wire

import (
	"strconv"
	"strings"
)

// Offer tells a device that a newer firmware is to be had: GET v1/bundle/<SHA256> beside the call of
// batches, any part of it by Range. It is believed because the answer it is in is signed: the bundle may
// come from anywhere and is the one that has the hash.
type Offer struct {
	Version string `json:"v"`
	SHA256  string `json:"sha256"` // of the bundle, 64 small hexadecimal digits
	Size    int64  `json:"size"`   // of the bundle, bytes
}

// Update is how the last update of a device ended, told until another one begins.
type Update struct {
	Version string `json:"v"`
	End     string `json:"end"` // a word of this package: Installed …
}

// The ends of an update.
const (
	Installed  = "installed"   // it runs and has passed its self-test
	Failed     = "failed"      // it could not be fetched or written
	RolledBack = "rolled_back" // it did not become ready; the version before runs again
	RefusedEnd = "refused"     // the bundle is not what was offered, not signed, or not newer
)

// MaxBundle is the largest bundle that is offered, bytes.
const MaxBundle = 2 << 30

// NewUpdate returns the end of an update; an end that is on no list leaves as "other".
func NewUpdate(version, end string) *Update {
	switch end {
	case Installed, Failed, RolledBack, RefusedEnd:
		return &Update{version, end}
	}
	return &Update{version, other}
}

// valid reports whether an offer can be one.
func (o *Offer) valid() bool {
	_, is := numbered(o.Version)
	return is && hash(o.SHA256) && o.Size > 0 && o.Size <= MaxBundle
}

// hash reports whether s is 64 small hexadecimal digits.
func hash(s string) bool { return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == "" }

// ValidHash reports whether s could be the hash of a bundle.
func ValidHash(s string) bool { return hash(s) }

// Newer reports whether a version comes after another: both are two to four numbers, "1.4.2" or "v1.4.2". Of
// versions that are not, nothing is newer and they are newer than nothing: an update of a device whose
// version nobody can place is not offered.
func Newer(version, than string) bool {
	a, isA := numbered(version)
	b, isB := numbered(than)
	if !isA || !isB {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return a[i] > b[i]
		}
	}
	return false
}

// Numbered reports whether a version can be compared with others.
func Numbered(version string) bool { _, is := numbered(version); return is }

// numbered reads "1.4.2" or "v1.4.2"; what is not named is 0.
func numbered(version string) (n [4]uint64, is bool) {
	parts := strings.Split(strings.TrimPrefix(version, "v"), ".")
	if len(parts) < 2 || len(parts) > len(n) {
		return n, false
	}
	for i, p := range parts {
		x, err := strconv.ParseUint(p, 10, 32)
		if err != nil || strconv.FormatUint(x, 10) != p {
			return n, false
		}
		n[i] = x
	}
	return n, true
}
