// Package web is what every page of the kiosk stands on: a server with limits, its doors, files with
// names that never change their content, and the stream that tells a page what is new.
//
// It owns listeners and their bounds, the checks of who asks (Host, Origin, Sec-Fetch-Site, token), the
// security headers, the one stylesheet, the small ES modules, and the hub of server-sent events. It
// refuses to know what a page shows: surfaces bring painters. It refuses cookies and PINs: that is
// kiosk/panel/pair.
package web

import (
	"net/http"
	"path"
	"strings"
)

// policy lets a page use its own files and nothing else: no inline script or style, no frames.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; media-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// maxBody bounds the body of a request, bytes: the longest form has a tenth of it.
const maxBody = 8 << 10

// Door is who may come in through one listener.
type Door struct {
	// Scheme is "http" or "https", as in the address that a browser shows.
	Scheme string
	// Host reports whether a Host header names this kiosk; see Loopback and Literal.
	Host func(hostport string) bool
	// Images are further sources of pictures for the policy: "http://127.0.0.1:*"; "" = none.
	Images string
}

// Guard lets in only what a page of this kiosk may ask for: a clean path, a Host that is ours (DNS
// rebinding), and acts that our own page sends. Every answer carries the security headers.
func (d Door) Guard(next http.Handler) http.Handler {
	own := http.NewCrossOriginProtection()
	own.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Действие пришло с чужой страницы", http.StatusForbidden)
	}))
	inner := own.Handler(next)
	policy := policy
	if d.Images != "" {
		policy = strings.Replace(policy, "img-src 'self'", "img-src 'self' "+d.Images, 1)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head(w.Header(), policy)
		switch {
		case !d.Host(r.Host):
			http.Error(w, "Этот адрес не принадлежит киоску", http.StatusMisdirectedRequest)
		case !clean(r):
			http.NotFound(w, r)
		case strange(r) || !d.told(r):
			http.Error(w, "Действие пришло с чужой страницы", http.StatusForbidden)
		default:
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
			inner.ServeHTTP(w, r)
		}
	})
}

// head sets the headers of every answer. A page is never kept; files say otherwise themselves.
func head(h http.Header, policy string) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), usb=(), serial=(), payment=()")
	h.Set("Cache-Control", "no-store")
}

// clean reports whether a path is written the one way there is; nothing is redirected or unescaped.
func clean(r *http.Request) bool {
	p := r.URL.Path
	return r.URL.RawPath == "" && strings.HasPrefix(p, "/") && !strings.ContainsAny(p, "\\\x00%") &&
		(p == "/" || path.Clean(p) == strings.TrimSuffix(p, "/"))
}

// strange reports whether another site wants something that is not a page to look at: a stream, a
// picture, a form.
func strange(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	if site == "" || site == "same-origin" || site == "none" {
		return false
	}
	return r.Method != http.MethodGet || r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document"
}

// told reports whether an act says where it comes from, and that is here. A browser always does.
func (d Door) told(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return true
	}
	return r.Header.Get("Origin") == d.Scheme+"://"+r.Host
}
