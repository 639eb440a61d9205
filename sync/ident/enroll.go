package ident

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf16"
)

// EnrollFile is the name of the one-time file on the FAT partition. It stays there: the partition
// is mounted read-only. A token that was used once is worth nothing.
const EnrollFile = "enroll.json"

// Token is the one-time secret of an enrolment, 128 bits.
type Token [16]byte

// String returns the text form, 22 characters.
func (t Token) String() string { return encode(t[:]) }

// MarshalText returns String.
func (t Token) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads the text form.
func (t *Token) UnmarshalText(text []byte) error { return decode(t[:], text) }

// Enrolment is what enroll.json says. The district writes it with json.Marshal.
type Enrolment struct {
	Address string `json:"address"`    // https://host[:port][/path] of the district server
	Server  Public `json:"server_key"` // the key of every answer
	Token   Token  `json:"token"`
}

// maxEnroll is the largest file read, bytes.
const maxEnroll = 4096

// ReadEnrolment looks for the file in a directory, also under the names Windows gives it, and reads
// it. found is false where there is none. The error is in Russian, for the technician.
func ReadEnrolment(dir string) (e Enrolment, found bool, err error) {
	names, err := os.ReadDir(dir)
	if err != nil {
		return e, false, fmt.Errorf("не читается раздел с файлом %s: %w", EnrollFile, err)
	}
	at := slices.IndexFunc(names, func(n os.DirEntry) bool {
		name := strings.ToLower(n.Name())
		return !n.IsDir() && (name == EnrollFile || name == EnrollFile+".txt" || name == EnrollFile+".json")
	})
	if at < 0 {
		return e, false, nil
	}
	f, err := os.Open(filepath.Join(dir, names[at].Name()))
	if err != nil {
		return e, true, fmt.Errorf("%s не открывается: %w", names[at].Name(), err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxEnroll+1))
	if err != nil {
		return e, true, fmt.Errorf("%s не читается, возможно, повреждена карта: %w", names[at].Name(), err)
	}
	e, err = ParseEnrolment(text)
	return e, true, err
}

// ParseEnrolment reads the text of the file: JSON in UTF-8 or UTF-16, with or without a BOM. The
// error is in Russian and names what is wrong and what to do.
func ParseEnrolment(text []byte) (e Enrolment, err error) {
	if len(text) > maxEnroll {
		return e, complaint("слишком большой: это, наверное, другой файл")
	}
	text = bytes.TrimSpace(plain(text))
	if len(text) == 0 {
		return e, complaint("пустой")
	}
	var raw struct {
		Address *string `json:"address"`
		Server  *string `json:"server_key"`
		Token   *string `json:"token"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return e, complaint("испорчен%s", where(text, err))
	}
	for _, f := range []struct {
		name string
		text *string
		into func(string) error
	}{
		{"address", raw.Address, e.setAddress},
		{"server_key", raw.Server, func(s string) error { return decode(e.Server[:], []byte(s)) }},
		{"token", raw.Token, func(s string) error { return decode(e.Token[:], []byte(s)) }},
	} {
		if f.text == nil || *f.text == "" {
			return Enrolment{}, complaint("без строки %q", f.name)
		}
		if f.into(*f.text) != nil {
			return Enrolment{}, complaint("с негодной строкой %q", f.name)
		}
	}
	return e, nil
}

// setAddress takes an address of HTTPS without user, query and fragment.
func (e *Enrolment) setAddress(s string) error {
	u, err := url.Parse(strings.TrimRight(s, "/"))
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("not an address")
	}
	e.Address = u.String()
	return nil
}

// complaint is an error for the technician: what the file is, and the one remedy.
func complaint(format string, args ...any) error {
	return fmt.Errorf("файл %s %s. Скачайте его в районе ещё раз и скопируйте целиком, ничего в нём не меняя",
		EnrollFile, fmt.Sprintf(format, args...))
}

// where says in which line JSON went wrong.
func where(text []byte, err error) string {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return ": не то содержание"
	}
	return fmt.Sprintf(": ошибка в строке %d", 1+bytes.Count(text[:min(int(syntax.Offset), len(text))], []byte{'\n'}))
}

// plain returns text in UTF-8 without a BOM; Notepad saves UTF-16 when asked for "Unicode".
func plain(text []byte) []byte {
	big, little := bytes.HasPrefix(text, []byte{0xfe, 0xff}), bytes.HasPrefix(text, []byte{0xff, 0xfe})
	if !big && !little {
		return bytes.TrimPrefix(text, []byte{0xef, 0xbb, 0xbf})
	}
	var units []uint16
	for i := 2; i+1 < len(text); i += 2 {
		a, b := uint16(text[i]), uint16(text[i+1])
		if little {
			a, b = b, a
		}
		units = append(units, a<<8|b)
	}
	return []byte(string(utf16.Decode(units)))
}
