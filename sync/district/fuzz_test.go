package district_test

import (
	"net/http"
	"strings"
	"testing"

	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// FuzzCalls: whatever comes under a true signature, the server gives an answer of its own, and takes
// no more events than the batch has.
func FuzzCalls(f *testing.F) {
	r := newRig(f, nil)
	d := r.enrolled("у входа")
	names := []string{ident.CallBatch, ident.CallEnrol, ident.CallAsk, ident.CallReveal, ident.CallKey}
	f.Add(uint8(0), []byte(nil))
	f.Add(uint8(0), d.body(1, 3))
	f.Add(uint8(1), []byte(`{"key":"","token":""}`))
	f.Add(uint8(2), []byte(`{"key":1}`))
	f.Add(uint8(3), []byte(`{"secret":"AAAAAAAAAAAAAAAAAAAAAA"}`))
	f.Add(uint8(4), []byte(`{"key":"`+strings.Repeat("A", 43)+`","proof":"`+strings.Repeat("A", 86)+`"}`))
	f.Fuzz(func(t *testing.T, call uint8, body []byte) {
		name := names[int(call)%len(names)]
		signed := d.key.Sign(d.to, name, body)
		res, text := d.post(r.Server, name, signed.Header, body)
		if err := signed.VerifyAnswer(res.Header.Get(ident.HeaderAnswer), []ident.Public{r.key.Public()}, res.StatusCode, text); err != nil {
			t.Fatalf("answer %d %q: %v", res.StatusCode, text, err)
		}
		if name == ident.CallAsk && res.StatusCode == http.StatusOK {
			return
		}
		if _, err := wire.ParseAnswer(text); err != nil {
			t.Fatalf("answer %d %q: %v", res.StatusCode, text, err)
		}
	})
}

// FuzzHeader: whatever stands in the header, there is an answer and no signature is believed.
func FuzzHeader(f *testing.F) {
	r := newRig(f, nil)
	d := r.enrolled("у входа")
	body := d.body(1, 1)
	header := d.key.Sign(d.to, ident.CallBatch, body).Header
	f.Add(header[:len(header)-1] + "B")
	f.Add("1 a b c")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		if text == header {
			return
		}
		if res, _ := d.post(r.Server, ident.CallBatch, text, body); res.StatusCode != 400 && res.StatusCode != 401 {
			t.Errorf("header %q: got %d, want 400 or 401", text, res.StatusCode)
		}
	})
}
