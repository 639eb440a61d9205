package escpos

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestTextGolden: ESC t by the maker's number, size, weight, place, letters in the code page.
func TestTextGolden(t *testing.T) {
	lines := []Line{{Text: "Ёж №1", Centre: true, Bold: true}, {Text: "А0", Size: 8}}
	id := [4]byte([]byte("ABCD"))
	for _, c := range []struct {
		profile Profile
		page    CodePage
		want    string
	}{
		{Rongta80(), CP866, "1b40 1c2e 1b74 07" +
			"1b61 01 1d21 00 1b45 01 f0a6 20 fc31 0a" + "1b61 00 1d21 77 1b45 00 80 30 0a"},
		{Rongta80(), CP1251, "1b40 1c2e 1b74 06" +
			"1b61 01 1d21 00 1b45 01 a8e6 20 b931 0a" + "1b61 00 1d21 77 1b45 00 c0 30 0a"},
	} {
		j, err := Options{Text: c.page}.apply(c.profile).encodeText(lines, id)
		if want := unhex(t, c.want); err != nil || !bytes.Equal(j.body, want) {
			t.Errorf("got % x, %v, want % x", j.body, err, want)
		}
		if want := unhex(t, "1d56 42 00 1d72 01"); !bytes.Equal(j.tail, want) {
			t.Errorf("got % x at the end, want % x", j.tail, want)
		}
	}
	if p := (Options{Text: CP1251}).apply(CustomVKP80II()); p.Text != NoText {
		t.Error("a page whose number nobody knows: got text, want a picture")
	}
}

func TestLettersOfCodePages(t *testing.T) {
	const all = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюя№ 09Az~"
	for page, c := range map[CodePage]struct{ text, want string }{
		CP866:  {"«—–…₽\u00a0Ү\t»", "22 2d 2d 2e e0 20 3f 3f 22"},
		CP1251: {"«—–…₽\u00a0Ү\t»", "ab 97 96 85 f0 20 3f 3f bb"},
	} {
		if got, want := page.encode(c.text), unhex(t, c.want); !bytes.Equal(got, want) {
			t.Errorf("page %d: got % x, want % x", page, got, want)
		}
		got := page.encode(all)
		if n := utf8.RuneCountInString(all); len(got) != n || bytes.ContainsRune(got, '?') {
			t.Errorf("page %d: got % x, want %d letters", page, got, n)
		}
		for i, b := range got {
			if bytes.IndexByte(got, b) != i {
				t.Errorf("page %d: got %x twice", page, b)
			}
		}
	}
}

func TestTextThatDoesNotFit(t *testing.T) {
	p := Options{Text: CP866}.apply(Generic58())
	for _, lines := range [][]Line{
		{{Text: strings.Repeat("ж", 33)}}, {{Text: "А0123", Size: 8}}, {{Text: "А", Size: 9}}, make([]Line, maxLines+1),
	} {
		if _, err := p.encodeText(lines, [4]byte{}); !errors.Is(err, ErrBadImage) {
			t.Errorf("%d lines: got %v, want ErrBadImage", len(lines), err)
		}
	}
	if _, err := p.encodeText([]Line{{Text: strings.Repeat("ж", 32)}, {Text: "А012", Size: 8}}, [4]byte{}); err != nil {
		t.Errorf("what fits: got %v", err)
	}
}

// FuzzText: no text gives a byte that is a command, or a real-time command across bytes.
func FuzzText(f *testing.F) {
	f.Add("Талон\x10\x04\x01", uint8(2), true)
	f.Add("\x1b@«№»", uint8(8), false)
	f.Fuzz(func(t *testing.T, text string, size uint8, windows bool) {
		p := Options{Text: map[bool]CodePage{false: CP866, true: CP1251}[windows]}.apply(EpsonT20())
		for _, b := range p.Text.encode(text) {
			if b < 0x20 || b == 0x7f {
				t.Fatalf("got control byte %x", b)
			}
		}
		j, err := p.encodeText([]Line{{Text: text, Size: int(size)}}, [4]byte([]byte("ABCD")))
		for _, c := range forbidden() {
			if err == nil && bytes.Contains(append(j.body, j.tail...), c) {
				t.Errorf("got % x in % x", c, j.body)
			}
		}
	})
}
