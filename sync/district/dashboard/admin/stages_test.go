package admin_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// live is a kiosk that speaks.
type live struct {
	r      *rig
	key    *ident.Key
	stream wire.StreamID
	up     int64
}

// beats sends a heartbeat and returns what version the kiosk is offered, "" for none.
func (k *live) beats(firmware string, end *wire.Update) string {
	k.r.t.Helper()
	k.up += 60_000
	var encoder wire.Encoder
	body, err := encoder.Encode(wire.Head{Stream: k.stream, Boot: 1, First: 1, Beat: &wire.Beat{Up: k.up, Firmware: firmware, Update: end}}, nil)
	if err != nil {
		k.r.t.Fatal(err)
	}
	req := httptest.NewRequest(http.MethodPost, "/v1/"+ident.CallBatch, strings.NewReader(string(body)))
	req.Header.Set(ident.HeaderRequest, k.key.Sign(k.r.key.Public().ID(), ident.CallBatch, body).Header)
	w := httptest.NewRecorder()
	k.r.ServeHTTP(w, req)
	a, err := wire.ParseAnswer(w.Body.Bytes())
	if err != nil || w.Code != http.StatusOK {
		k.r.t.Fatalf("heartbeat: got %d %s, %v", w.Code, w.Body, err)
	}
	if a.Offer == nil {
		return ""
	}
	return a.Offer.Version
}

// TestAnUpdateGoesInStagesAndStops: by forms and heartbeats alone, one kiosk is offered the version first; it
// fails, and everything stops and says why; gone on with, it comes up renewed, and only then the next one is offered.
func TestAnUpdateGoesInStagesAndStops(t *testing.T) {
	r := newRig(t)
	b := r.as("анна")
	b.do("/admin/kiosks", url.Values{"do": {"office"}, "name": {"МФЦ Кошки"}, "zone": {"Europe/Samara"}})
	var kiosks []*live
	for i := range 3 {
		b.do("/admin/kiosks", url.Values{"do": {"kiosk"}, "office": {"1"}, "name": {fmt.Sprintf("зал %d", i+1)}})
		k := &live{r: r, key: ident.NewKey(), stream: wire.NewStreamID()}
		r.enrol(k.key, r.invited(b, int64(i+1)))
		kiosks = append(kiosks, k)
	}
	if _, err := r.AddBundle(t.Context(), "test", "1.5", strings.NewReader("bundle")); err != nil {
		t.Fatal(err)
	}
	offers := func(when string, want ...string) {
		t.Helper()
		for i, k := range kiosks {
			if got := k.beats("1.4", nil); got != want[i] {
				t.Errorf("%s, kiosk %d: got the offer %q, want %q", when, i+1, got, want[i])
			}
		}
	}
	offers("before", "", "", "")
	b.do("/admin/updates", url.Values{"do": {"start"}, "id": {"1"}, "limit": {"10"}, "kiosk": {"1", "2", "3"}, "first": {"2"}})
	err := r.store.ChangeUpdate(t.Context(), 1, func(u *district.Update) error { u.Rest = 0; return nil }) // a stage is watched for a day
	if err != nil {
		t.Fatal(err)
	}
	offers("stage 1", "", "1.5", "")
	said(t, b, "stage 1", "1 – идёт", "предложено")
	if got := kiosks[1].beats("1.4", wire.NewUpdate("1.5", wire.RolledBack)); got != "" {
		t.Errorf("after its failure: got the offer %q, want none", got)
	}
	said(t, b, "failed", "остановлено", "не обновилось 1 из 1 на этапе 1", "сообщил об отказе")
	offers("paused", "", "", "")
	b.do("/admin/updates", url.Values{"do": {"resume"}, "id": {"1"}})
	offers("resumed", "", "1.5", "")
	if got := kiosks[1].beats("1.5", nil); got != "" {
		t.Errorf("the first runs it: got the offer %q, want none", got)
	}
	if err := r.JudgeUpdates(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, page, _ := b.get("/admin/updates")
	stage := regexp.MustCompile(`(\d) – идёт`).FindStringSubmatch(page)
	second := 0
	for i, k := range kiosks {
		if i != 1 && k.beats("1.4", nil) == "1.5" {
			second++
		}
	}
	if len(stage) != 2 || stage[1] == "1" || second != 1 {
		t.Errorf("after stage 1: got stage %v with %d more offers, want the next one with one", stage, second)
	}
	if log := r.audit(); !strings.Contains(log, "server update.paused") || !strings.Contains(log, "анна update.resumed") || !strings.Contains(log, "server update.stage") {
		t.Errorf("audit: got %s, want the stop, who went on, and the next stage", log)
	}
}

// said holds the page of updates to words.
func said(t *testing.T, b *person, when string, words ...string) {
	t.Helper()
	_, page, _ := b.get("/admin/updates")
	for _, w := range words {
		if !strings.Contains(page, w) {
			t.Errorf("%s: the page does not say %q: %s", when, w, mainOf(page))
		}
	}
}
