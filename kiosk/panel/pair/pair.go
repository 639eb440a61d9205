// Package pair decides which browser in the network of the centre may work at the kiosk, and at which
// place.
//
// It owns the kiosk's own certificate, the paired browsers (a browser is paired once, by a printed card
// with address, fingerprint and one-time code, and then holds a 256-bit cookie that is stored hashed),
// the PINs of places, and the lock-out. Only a paired browser may try a PIN. It refuses names (A13): a
// browser is a number, a PIN opens a place.
package pair
