package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
)

// TokenHeader carries the token of a page in every act.
const TokenHeader = "X-Panel-Token"

// Tokens binds acts to pages that this process has given out: a page that was not has no token, and no
// other site can send the header without asking first.
type Tokens struct{ key [32]byte }

// NewTokens returns tokens with a new key.
func NewTokens() *Tokens {
	t := &Tokens{}
	rand.Read(t.key[:]) // never fails (crypto/rand)
	return t
}

// For returns the token of who is named: a cookie's value, or the surface where there is no cookie.
func (t *Tokens) For(who string) string {
	mac := hmac.New(sha256.New, t.key[:])
	mac.Write([]byte(who))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// Holds reports whether a request carries the token of who is named.
func (t *Tokens) Holds(r *http.Request, who string) bool {
	return hmac.Equal([]byte(r.Header.Get(TokenHeader)), []byte(t.For(who)))
}
