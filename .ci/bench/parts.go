package main

import "regexp"

// part is one run of benchmarks and what README tells of it.
type part struct {
	title    string
	packages []string
	bench    string
	times    string // of -benchtime
	rows     []row
}

// row finds its figures in what the benchmarks print; ours and beside are forms in the words of
// regexp.Expand.
type row struct {
	what         string
	find         *regexp.Regexp
	ours, beside string
}

// parts are everything that is measured, in the order of the table.
func parts() []part {
	re := regexp.MustCompile
	const number, rest = `([\d.]+)`, `([^\n]*)`
	appended := re(`(?s)peer: ([^\n]*)\n.*Append\S*\s+\d+\s[^\n]*?` + number + ` events/s\s+` + number + ` peer-events/s\s+` + number + ` ratio`)
	return []part{
		{"a committed ticket, and memory", []string{"./kiosk/store"}, "^Benchmark(Commit|Memory)$", "1x", []row{
			{"a ticket is on the card (commit)",
				re(`append to two files +(\d+) +(\d+) +[\d.]+ +fsync each\nstore, (badger \S+) +(\d+) +(\d+) +` + number + ` +([^\n]+)\n(bbolt \S+) +(\d+) +\d+ +` + number + ` +([^\n]+)\n(SQLite, modernc \S+) +(\d+) +\d+ +` + number + ` +([^\n]+)`),
				"p50 $4 µs, p99 $5 µs ($3; $7)",
				"floor: append+fsync of the same bytes to two files $1 µs, ours **$6 ×**; $8 ($11) $9 µs, $10 ×; $12 ($15) $13 µs, $14 ×"},
			{"the store after 30,000 events", re(`VmRSS ` + number + ` MiB = anonymous ` + number + `[^;]*; peak ` + number + `; on the card ` + number),
				"$1 MiB resident, $2 anonymous, $4 MiB on the card", "target 64 MiB"},
		}},
		{"the whole processes, idle and in the busiest minute", []string{"./cmd/internal/torture/hall"}, "^BenchmarkCost$", "1x", []row{
			{"all processes, idle for a minute", re(`idle for 1m0s: ` + rest), "$1", "targets 0.5 % of a core, 40 MiB"},
			{"all processes, busiest minute", re(`busiest minute \(([^)]*)\): ` + rest), "$2", "$1"},
		}},
		{"press to digits", []string{"./cmd/internal/appliance"}, "^BenchmarkPressToDigits$", "30x", []row{
			{"a press until the first frame of digits", re(`PressToDigits\S*\s+\d+\s+` + number + ` commit-µs\s+` + number + ` floor-µs\s+` + number + ` rest-µs\s+` + number + ` rest/floor`),
				"commit $1 µs + $3 µs", "floor, a program of a button and a display: $2 µs; ours without the commit **$4 ×**"},
		}},
		{"a slip's bytes", []string{"./drivers/escpos"}, "^BenchmarkPeer$", "1x", []row{
			{"a ticket as ESC/POS", re(`a ticket of (\S+) dots: (\d+) µs, (\d+) bytes; (\S+) \(([^)]*)\) (\d+) µs = ` + number + ` × ours, (\d+) bytes = ` + number + ` × ours; (\S+) finds (\d+) wrong dots in ours \([^)]*\), (\d+)`),
				"$2 µs, $3 bytes, $1 dots", "$4 ($5) $6 µs = **$7 ×** ours, $8 bytes; $10 decodes both: $11 and $12 wrong dots"},
		}},
		{"scanning", []string{"./cmd/internal/appliance"}, "^BenchmarkScanning$", "10x", []row{
			{"a page through eSCL over USB 2.0", re(`Scanning/usb2\S*\s+\d+\s+` + number + ` MB\s+` + number + ` MB/s-bare\s+` + number + ` MB/s-ours\s+` + number + ` MB/s-with-job\s+` + number + ` of-bare-GET`),
				"$3 MB/s ($4 with the job)", "floor, a bare GET of the same $1 MB at 40 MB/s: $2 MB/s; ours **$5 ×** of it"},
			{"the same at memory speed", re(`Scanning/memory\S*\s+\d+\s+` + number + ` MB\s+` + number + ` MB/s-bare\s+` + number + ` MB/s-ours\s+` + number + ` MB/s-with-job\s+` + number + ` of-bare-GET`),
				"$3 MB/s ($4 with the job)", "a bare GET $2 MB/s; ours $5 × of it"},
		}},
		{"scanning beside scanimage", []string{"./cmd/internal/appliance"}, "^BenchmarkScanimage$", "1x", []row{
			{"a feeder of ten pages", re(`(\d+ pages, \d+ MB): ours (\S+), ` + number + ` MiB of RssAnon; (scanimage \([^)]*\)) (\S+) = ` + number + ` × ours, ` + number + ` MiB = ` + number),
				"$2, $3 MiB anonymous, $1", "$4, eSCL, 300 dpi colour, raw pictures: $5 = **$6 ×** ours, $7 MiB = **$8 ×**"},
		}},
		{"40 scanned pages into one PDF", []string{"./kiosk/pdf"}, "^BenchmarkBind$", "1x", []row{
			{"40 pages into one PDF", re(`(\d+ pages, \d+ MB): copy (\S+); ours (\S+) \(` + number + ` × copy\), ` + number + ` MiB at most, ` + number),
				"$3, $5 MiB at most, $6 over its start", "floor, a bare copy of the $1: $2, ours $4 ×"},
			{"the same by img2pdf", re(`(img2pdf \S+): (\S+) = ` + number + ` × ours, (\d+) MiB = (\d+)`), "as above", "$1 (--engine=internal) $2 = **$3 ×** ours, $4 MiB = $5 ×"},
			{"the same by pdfcpu", re(`(pdfcpu@\S+): (\S+) = ` + number + ` × ours, (\d+) MiB = (\d+)`), "as above", "$1 (import, dpi:300, pos:full, no configuration) $2 = **$3 ×** ours, $4 MiB = $5 ×"},
		}},
		{"bytes on the wire", []string{"./sync/wire"}, "^BenchmarkPeers$", "1x", []row{
			wireRow("1"), wireRow("50"), wireRow("500"),
		}},
		{"a district's ingest, SQLite", []string{"./sync/district/sqlite"}, "^BenchmarkAppend$", "2x", []row{
			{"a district takes events, SQLite", appended,
				"$2 events/s, batches of 500 on 8 connections", "$1: $3 events/s; ours **$4 ×**"},
		}},
		{"a district's ingest, PostgreSQL", []string{"./sync/district/postgres"}, "^BenchmarkAppend$", "2x", []row{
			{"a district takes events, PostgreSQL", appended,
				"$2 events/s, batches of 500 on 8 connections", "$1: $3 events/s; ours **$4 ×**"},
		}},
		{"heat maps", []string{"./sync/district/sqlite", "./sync/district/postgres"}, "^BenchmarkHeatMap$", "1x", []row{
			heatRow("sqlite", "SQLite"), heatRow("postgres", "PostgreSQL"),
		}},
		{"pages of the dashboard over a year of 500 kiosks", []string{"./sync/district/dashboard"}, "^BenchmarkPages$", "1x", []row{
			pagesRow("sqlite", "SQLite"), pagesRow("postgres", "PostgreSQL"),
		}},
		{"growth: tickets a day", []string{"./kiosk/store"}, "^BenchmarkGrowth$", "1x", nil},
		{"growth: pages", []string{"./kiosk/pdf"}, "^BenchmarkGrowth$", "1x", nil},
		{"growth: windows", []string{"./kiosk"}, "^BenchmarkGrowth$", "1x", nil},
	}
}

// wireRow is the row of one size of batch.
func wireRow(n string) row {
	const number = `([\d.]+)`
	return row{"an event on the wire, batches of " + n,
		regexp.MustCompile(`batches of ` + n + `: ` + number + ` bytes an event \(heartbeat and anchor ` + number + ` more\); OTLP logs \((\S+), protobuf, gzip -9\) ` + number + ` = ` + number +
			` × ours; JSON ` + number + ` = ` + number + ` × ours, under gzip -9 ` + number + ` = ` + number),
		"$1 bytes; heartbeat and clock anchor add $2", "OTLP logs ($3, protobuf, gzip -9) $4 = **$5 ×** ours; JSON in whole words $6 = $7 ×, under gzip -9 $8 = **$9 ×**"}
}

// heatRow is the row of one store's heat maps.
func heatRow(pack, store string) row {
	return row{"a heat map over a year of 500 kiosks, " + store,
		regexp.MustCompile(`(?s)district/` + pack + `\n.*?HeatMap\S*\s+\d+\s[^\n]*?([\d.]+) MiB-peak\s+([\d.]+) ms-median\s+([\d.]+) ms-p99`),
		"median $2 ms, p99 $3 ms, server $1 MiB at most", "targets 200 ms, 128 MiB"}
}

// pagesRow is the row of all pages over one store.
func pagesRow(name, store string) row {
	return row{"pages of the dashboard over a year of 500 kiosks, " + store,
		regexp.MustCompile(name + `: (\d+) pages, slowest p99 (\d+) ms \(([^)]*)\)`),
		"$1 pages, slowest p99 $2 ms", "target 200 ms; slowest: `$3`"}
}
