// Package cmd holds the programs: flags and exit codes only. Its tests keep the floors of the
// house and the tables in README true.
package cmd
