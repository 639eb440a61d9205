// Package district is the server of the district administration: it takes what kiosks deliver,
// exactly once, and computes the figures from it.
//
// It owns the calls under /v1/ (sync/README.md), who may make them, dating by sync/clock, roll-ups
// by kiosk/figures, and the JSON interface of administration. It keeps everything in a Store and
// nothing in memory that another replica would have to know.
//
// It refuses anything that could carry a person (sync/wire decides), to take an event twice, to
// answer before the commit, and to count an event in an hour it may not belong to.
package district
