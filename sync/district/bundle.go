package district

import (
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"sps-kiosk/sync/wire"
)

// A bundle is large, and the line of an office narrow: so many are fetched at a time, each for so long.
// Who is cut off goes on by Range.
const (
	bundlesAtOnce = 16
	bundleTime    = 2 * time.Hour
)

// isBundle reports whether a path is a bundle's: …/v1/bundle/<hash>, whatever a proxy puts before it.
func isBundle(p string) bool {
	dir, name := path.Split(p)
	return strings.HasSuffix(dir, "/v1/bundle/") && wire.ValidHash(name)
}

// bundle gives a bundle to whoever asks: it is signed by the maker, and no secret.
func (s *Server) bundle(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "GET only", http.StatusMethodNotAllowed)
		return
	}
	select {
	case s.fetching <- struct{}{}:
		defer func() { <-s.fetching }()
	default:
		w.Header().Set("Retry-After", "300")
		http.Error(w, "busy", http.StatusServiceUnavailable)
		return
	}
	f, err := os.Open(filepath.Join(s.Bundles, path.Base(r.URL.Path)))
	if s.Bundles == "" || err != nil {
		http.NotFound(w, r)
		return
	}
	defer f.Close()
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(bundleTime)); err != nil {
		s.Log.Debug("bundle", "err", err) // a recorder of tests has no connection
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("ETag", `"`+path.Base(r.URL.Path)+`"`)
	http.ServeContent(w, r, "", time.Time{}, f)
}
