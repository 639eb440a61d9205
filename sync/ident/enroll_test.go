package ident

import (
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

func sample(t testing.TB) (Enrolment, string) {
	t.Helper()
	_, token := Invite(time.Unix(1_790_000_000, 0))
	e := Enrolment{Address: "https://rayon.example:8443/kiosk", Server: NewKey().Public(), Token: token}
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return e, string(text)
}

// wide is text as Notepad saves it under the name "Unicode".
func wide(text string, order binary.AppendByteOrder) string {
	var b []byte
	for _, u := range utf16.Encode([]rune("\ufeff" + text)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

func TestEnrolmentIsRead(t *testing.T) {
	want, text := sample(t)
	for name, c := range map[string]string{
		"as written":    text,
		"BOM and CRLF":  "\ufeff" + strings.ReplaceAll(text, "\n", "\r\n") + "\r\n",
		"UTF-16":        wide(text, binary.LittleEndian),
		"UTF-16 BE":     wide(text, binary.BigEndian),
		"slash at end":  strings.Replace(text, "/kiosk", "/kiosk/", 1),
		"further field": strings.Replace(text, "{", `{"office":"Кошки",`, 1),
	} {
		if got, err := ParseEnrolment([]byte(c)); err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", name, got, err, want)
		}
	}
}

func TestEnrolmentSaysWhatIsWrong(t *testing.T) {
	e, text := sample(t)
	swap := func(old, new string) string { return strings.Replace(text, old, new, 1) }
	for _, c := range []struct{ name, text, want string }{
		{"empty", " \r\n", "пустой"},
		{"cut", text[:len(text)/2], "испорчен: ошибка в строке"},
		{"a page", "<html>", "испорчен: ошибка в строке 1"},
		{"third line", swap("\"server_key\":", "\"server_key\""), "испорчен: ошибка в строке 3"},
		{"a list", "[]", "не то содержание"},
		{"number for text", swap(`"`+e.Token.String()+`"`, "7"), "не то содержание"},
		{"a film", strings.Repeat("x", 5000), "слишком большой"},
		{"no address", swap("address", "addres"), `без строки "address"`},
		{"no key", swap(e.Server.String(), ""), `без строки "server_key"`},
		{"no token", swap("token", "tokens"), `без строки "token"`},
		{"plain http", swap("https", "http"), `с негодной строкой "address"`},
		{"user in address", swap("https://", "https://admin:1@"), `с негодной строкой "address"`},
		{"no host", swap("https://rayon.example:8443", "https://"), `с негодной строкой "address"`},
		{"short key", swap(e.Server.String(), e.Server.String()[1:]), `с негодной строкой "server_key"`},
		{"other token", swap(e.Token.String(), "Иванов Иван Иванович!!"), `с негодной строкой "token"`},
	} {
		got, err := ParseEnrolment([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) || got != (Enrolment{}) {
			t.Errorf("%s: got %+v, %v, want nothing and %q", c.name, got, err, c.want)
			continue
		}
		if !strings.Contains(err.Error(), "Скачайте его в районе ещё раз") || strings.Contains(err.Error(), e.Token.String()) {
			t.Errorf("%s: got %q, want the remedy and no secret", c.name, err)
		}
	}
}

func TestEnrolmentIsFoundUnderTheNamesOfWindows(t *testing.T) {
	want, text := sample(t)
	for _, name := range []string{"enroll.json", "ENROLL.JSON", "enroll.json.txt", "Enroll.json.json"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, found, err := ReadEnrolment(dir); err != nil || !found || got != want {
			t.Errorf("%s: got %+v, %v, %v, want it", name, got, found, err)
		}
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "enroll.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, found, err := ReadEnrolment(dir); found || err != nil {
		t.Errorf("a directory of that name: got %v, %v, want none", found, err)
	}
	if _, _, err := ReadEnrolment(filepath.Join(dir, "none")); err == nil || !strings.Contains(err.Error(), "не читается раздел") {
		t.Errorf("no partition: got %v, want a complaint in Russian", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "enroll.json.txt"), make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, found, err := ReadEnrolment(dir); !found || err == nil {
		t.Errorf("a megabyte: got %v, %v, want found and a complaint", found, err)
	}
}

// TestATokenIsGoodOnce plays the district's side.
func TestATokenIsGoodOnce(t *testing.T) {
	now := time.Unix(1_790_000_000, 0)
	i, token := Invite(now)
	if i.Token != token.Digest() {
		t.Fatal("invitation is not of its token")
	}
	one, two := NewKey().ID(), NewKey().ID()
	if _, got := i.Redeem(now.Add(InvitationLife), one); got != Unknown {
		t.Errorf("too late: got %q, want unknown", got)
	}
	i, got := i.Redeem(now.Add(InvitationLife-1), one)
	if got != Active {
		t.Fatalf("first: got %q, want active", got)
	}
	if i, got = i.Redeem(now.Add(2*InvitationLife), one); got != Active {
		t.Errorf("its answer was lost, it comes again: got %q, want active", got)
	}
	if i, got = i.Redeem(now, two); got != Held || i.Used != one {
		t.Errorf("a copied card: got %q of %v, want held, first %v", got, i.Used, one)
	}
	if _, got = i.Redeem(now, one); got != Held {
		t.Errorf("the first after that: got %q, want held", got)
	}
}

func TestEveryStatusSpeaksRussian(t *testing.T) {
	seen := map[string]Status{}
	for _, s := range []Status{Active, Pending, Held, Revoked, Unknown, Malformed} {
		if other, twice := seen[s.Text()]; twice {
			t.Errorf("%q and %q say the same", s, other)
		}
		seen[s.Text()] = s
		if got, want := s.Taken(), s == Active; got != want {
			t.Errorf("%q: taken: got %v, want %v", s, got, want)
		}
	}
	if got := Status("abducted").Text(); got != Pending.Text() {
		t.Errorf("unknown word: got %q, want as pending", got)
	}
}

func FuzzParseEnrolment(f *testing.F) {
	_, text := sample(f)
	f.Add([]byte(text))
	f.Add([]byte(wide(text, binary.LittleEndian)))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := ParseEnrolment(data)
		if err != nil {
			return
		}
		again, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := ParseEnrolment(again); err != nil || back != e {
			t.Fatalf("got %+v, %v, want %+v", back, err, e)
		}
	})
}
