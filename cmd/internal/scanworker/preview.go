package scanworker

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/image/draw"
)

// Bounds of previews.
const (
	previewSide = 1000     // pixels of the longer side
	previewMost = 36 << 20 // pixels of a page that is decoded: A4 at 600 dpi; larger ones have no preview
	quality     = 75
)

// servePreviews serves pictures of pages to the citizen's own screen, under a path that nobody else
// knows and that ends with the process.
func (w *worker) servePreviews() error {
	secret := make([]byte, 16)
	if _, err := rand.Read(secret); err != nil {
		return fmt.Errorf("make preview token: %w", err)
	}
	w.token = hex.EncodeToString(secret)
	server := &http.Server{Handler: &previews{w: w}, ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 8 << 10, ErrorLog: nil}
	go func() {
		if err := server.Serve(w.Preview); err != nil && w.ctx.Err() == nil && !errors.Is(err, http.ErrServerClosed) {
			w.Log.Warn("previews end", "err", err)
		}
	}()
	return nil
}

// previews answers GET /TOKEN/PAGE?turn=90.
type previews struct {
	w   *worker
	one sync.Mutex // pages are decoded one at a time: each takes megabytes
}

// ServeHTTP implements http.Handler. 404 is for whoever does not know the token, 410 for a page that is
// no more.
func (p *previews) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	h := out.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // "same-site" blocks another port of 127.0.0.1 in Chromium; wanted looks instead
	token, number, turn, ok := parsePath(r)
	if !ok || !wanted(r) || r.Host != p.w.Preview.Addr().String() || subtle.ConstantTimeCompare([]byte(token), []byte(p.w.token)) != 1 {
		out.WriteHeader(http.StatusNotFound)
		return
	}
	p.w.mu.Lock()
	taken, there := p.w.shots[number]
	p.w.mu.Unlock()
	switch {
	case !there || p.w.ctx.Err() != nil:
		out.WriteHeader(http.StatusGone)
	case taken.picture.Width*taken.picture.Height > previewMost:
		out.WriteHeader(http.StatusNoContent)
	default:
		p.one.Lock()
		defer p.one.Unlock()
		picture, err := p.w.preview(number, turn)
		if err != nil {
			out.WriteHeader(http.StatusGone)
			return
		}
		h.Set("Content-Type", "image/jpeg")
		jpeg.Encode(out, picture, &jpeg.Options{Quality: quality}) // an error is the browser's, which went away
	}
}

// wanted reports whether a picture is asked for, and not by another site: a browser says both.
func wanted(r *http.Request) bool {
	site, dest := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Sec-Fetch-Dest")
	return (site == "" || site == "same-site") && (dest == "" || dest == "image")
}

// parsePath takes a request apart.
func parsePath(r *http.Request) (token string, page uint32, turn int, ok bool) {
	path := r.URL.Path
	if r.Method != http.MethodGet || len(path) < 35 || path[0] != '/' || path[33] != '/' {
		return "", 0, 0, false
	}
	n, err := strconv.ParseUint(path[34:], 10, 32)
	turn, ok = map[string]int{"": 0, "turn=0": 0, "turn=90": 90, "turn=180": 180, "turn=270": 270}[r.URL.RawQuery]
	return path[1:33], uint32(n), turn, ok && err == nil
}

// preview decodes a page, scales it down and turns it.
func (w *worker) preview(number uint32, turn int) (image.Image, error) {
	r, err := w.vault.Open(number)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	page, err := jpeg.Decode(r)
	if err != nil {
		return nil, fmt.Errorf("decode page: %w", err)
	}
	size := page.Bounds().Size()
	longer := max(size.X, size.Y)
	if longer > previewSide {
		size = image.Pt(max(1, size.X*previewSide/longer), max(1, size.Y*previewSide/longer))
	}
	small := image.NewRGBA(image.Rectangle{Max: size})
	draw.ApproxBiLinear.Scale(small, small.Bounds(), page, page.Bounds(), draw.Src, nil)
	return turned(small, turn), nil
}

// turned turns a picture clockwise.
func turned(m *image.RGBA, degrees int) *image.RGBA {
	for ; degrees >= 90; degrees -= 90 {
		size := m.Bounds().Size()
		quarter := image.NewRGBA(image.Rect(0, 0, size.Y, size.X))
		for y := range size.Y {
			for x := range size.X {
				quarter.SetRGBA(size.Y-1-y, x, m.RGBAAt(x, y))
			}
		}
		m = quarter
	}
	return m
}
