package ident

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
)

// Binding is the district a device belongs to. The zero value is none.
type Binding struct {
	Address string   `json:"address"`
	Keys    []Public `json:"keys"`            // what answers may be signed with: the present one, and the announced next
	Used    Digest   `json:"used"`            // of the token that was redeemed, so that the file on the card is not new every time
	Status  Status   `json:"status"`          // the last one under a signature
	Asked   string   `json:"asked,omitempty"` // the technician's word at which the device's key was last renewed
}

// Bind returns the binding of an enrolment that is still to be redeemed.
func Bind(e Enrolment) Binding {
	return Binding{Address: e.Address, Keys: []Public{e.Server}, Used: e.Token.Digest(), Status: Pending}
}

// Stems reports whether the binding came from this enrolment: the file was dealt with already.
func (b Binding) Stems(e Enrolment) bool { return b.Address != "" && b.Used == e.Token.Digest() }

// Announce takes the district's next key from an answer (wire.Answer.NextKey) that was signed with
// the key signed. From then on answers under both are believed, and no third. changed tells that
// the binding must be saved.
func (b Binding) Announce(signed ID, next Public) (out Binding, changed bool) {
	at := slices.IndexFunc(b.Keys, func(p Public) bool { return p.ID() == signed })
	if at < 0 || next.IsZero() || slices.Contains(b.Keys, next) {
		return b, false
	}
	b.Keys = []Public{b.Keys[at], next}
	return b, true
}

// LoadBinding reads a file that Save wrote; fs.ErrNotExist where there is none.
func LoadBinding(path string) (b Binding, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return b, fmt.Errorf("read binding: %w", err)
	}
	if err := json.Unmarshal(text, &b); err != nil {
		return Binding{}, fmt.Errorf("read binding: %w", err)
	}
	if b.Address == "" || len(b.Keys) == 0 || len(b.Keys) > 2 {
		return Binding{}, fmt.Errorf("read binding: %d keys for %q", len(b.Keys), b.Address)
	}
	return b, nil
}

// Save writes the binding in one piece.
func (b Binding) Save(path string) error {
	text, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("encode binding: %w", err)
	}
	return replace(path, text)
}
