// Package torture proves the kiosk's promises against the worst moments: power cuts at every write, kills,
// operations that fail, a year of days.
//
// It owns the tortures and what must be true after each. It refuses to be gentle and to be part of the
// product: nothing imports it but cmd/torture. What was promised is in REQUIREMENTS C6 (no ticket lost, no
// number twice), A13 (no page stays) and C4 (a missing device degrades the service).
package torture
