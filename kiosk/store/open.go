package store

import (
	"fmt"
	"log/slog"
	"strings"

	badger "github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// openDB opens a directory that has passed preflight.
func openDB(dir string, log *slog.Logger) (*badger.DB, error) {
	return openTwice(func() (*badger.DB, error) { return badger.Open(profile(dir, log)) })
}

// openTwice opens once more where the first open itself has mended what it stumbled over.
func openTwice(open func() (*badger.DB, error)) (*badger.DB, error) {
	db, err := open()
	if halfMade(err) {
		return open()
	}
	return db, err
}

// profile is Badger's settings for a board with 512 MiB to 1 GiB and an SD card: small arenas and
// maps, because both stay in memory as they fill, and every commit synced. Values under 64 KiB
// live in the write-ahead log, the only file whose sync error Badger returns, so nothing of the
// queue ever reaches the value log.
//
// On 32 bits the builder of tables (ristretto 2.2.0, z.Allocator.Allocate) spoils what it has
// built when its first buffer is full: it shifts an int by 32. The buffer is twice BaseTableSize, so
// that is as large as a full log needs; tables do not grow by level, because buffers are used again
// whatever their size; and nothing is compressed, which would need as much again.
//
// Tables are compacted by compact, not by Badger.
func profile(dir string, log *slog.Logger) badger.Options {
	o := badger.DefaultOptions(dir).
		WithLogger(quiet{log}).
		WithMetricsEnabled(false).
		WithSyncWrites(true).
		WithMemTableSize(8 << 20).
		WithNumMemtables(2).
		WithNumLevelZeroTables(2).
		WithNumLevelZeroTablesStall(6).
		WithNumCompactors(0).
		WithBaseLevelSize(8 << 20).
		WithBaseTableSize(8 << 20).
		WithValueLogFileSize(16 << 20).
		WithValueThreshold(64 << 10).
		WithCompression(options.None).
		WithBlockCacheSize(4 << 20).
		WithIndexCacheSize(2 << 20).
		WithVerifyValueChecksum(true).
		WithChecksumVerificationMode(options.OnTableAndBlockRead)
	o.TableSizeMultiplier = 1
	return o
}

// halfMade reports whether Badger met a log file of its own that it had not finished making. The
// open that fails this way finishes it, so the next one succeeds. The error is told by its text:
// Badger flattens the sentinel (ristretto z.NewFile) on the way up.
func halfMade(err error) bool {
	return err != nil && strings.Contains(err.Error(), "Create a new file")
}

// quiet passes Badger's errors and warnings on; the rest of what it says is progress.
type quiet struct{ log *slog.Logger }

func (q quiet) Errorf(format string, args ...any)   { q.log.Error(oneLine(format, args)) }
func (q quiet) Warningf(format string, args ...any) { q.log.Warn(oneLine(format, args)) }
func (q quiet) Infof(string, ...any)                {}
func (q quiet) Debugf(string, ...any)               {}

func oneLine(format string, args []any) string {
	return "badger: " + strings.TrimSpace(fmt.Sprintf(format, args...))
}
