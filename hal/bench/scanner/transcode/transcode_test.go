package transcode

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
	"runtime"
	"testing"
)

// samples are files of odd sizes, colour and grey, noisy and empty.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for name, size := range map[string]image.Point{"dot": {1, 1}, "small": {7, 9}, "edge": {16, 17}, "odd": {61, 83}, "wide": {200, 30}} {
		rgb, r := image.NewRGBA(image.Rectangle{Max: size}), rand.New(rand.NewPCG(1, 2))
		for i := range rgb.Pix {
			rgb.Pix[i] = byte(r.Uint32()>>(i%7)) | byte(i%3)
		}
		grey := image.NewGray(rgb.Rect)
		draw.Draw(grey, grey.Rect, rgb, image.Point{}, draw.Src)
		flat := image.NewRGBA(rgb.Rect)
		draw.Draw(flat, flat.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
		for kind, img := range map[string]image.Image{"colour": rgb, "grey": grey, "flat": flat} {
			var b bytes.Buffer
			if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 90}); err != nil {
				t.Fatal(err)
			}
			all[name+" "+kind] = b.Bytes()
		}
	}
	return all
}

// pixels decodes with the standard library, which knows both ways of coding.
func pixels(t *testing.T, file []byte) []byte {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatalf("decode: %v", err)
	}
	out := image.NewRGBA(img.Bounds())
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	return out.Pix
}

func TestSamePixels(t *testing.T) {
	for name, file := range samples(t) {
		want := pixels(t, file)
		p, err := Progressive(file)
		if err != nil || !bytes.Equal(pixels(t, p), want) {
			t.Errorf("%s, progressive: got other pixels, %v", name, err)
		}
		if bytes.Count(p, []byte{0xff, 0xda}) < 2 || !bytes.Contains(p, []byte{0xff, 0xc2}) {
			t.Errorf("%s: not progressive", name)
		}
		for _, every := range []int{1, 3, 1000} {
			r, err := Restarts(file, every)
			if err != nil || !bytes.Equal(pixels(t, r), want) {
				t.Errorf("%s, restart every %d: got other pixels, %v", name, every, err)
			}
		}
	}
	if r, _ := Restarts(samples(t)["odd colour"], 1); !bytes.Contains(r, []byte{0xff, 0xd7}) || !bytes.Contains(r, []byte{0xff, 0xd0}) {
		t.Error("no restart markers")
	}
}

func TestRefuses(t *testing.T) {
	good := samples(t)["odd colour"]
	again, _ := Progressive(good)
	restarted, _ := Restarts(good, 2)
	for name, file := range map[string][]byte{
		"nothing": nil, "no JPEG": []byte("GIF89a--"), "progressive": again, "restarts": restarted,
		"cut in the tables": good[:100], "cut in the scan": good[:len(good)-200],
	} {
		if _, err := Progressive(file); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	if _, err := Restarts(good, 0); err == nil {
		t.Error("restart every 0: got no error")
	}
}

// A small file that claims to be large costs nothing.
func TestBomb(t *testing.T) {
	bomb := bytes.Clone(samples(t)["odd colour"])
	at := bytes.Index(bomb, []byte{0xff, 0xc0}) + 5
	copy(bomb[at:], []byte{0x20, 0, 0x20, 0}) // 8192 × 8192
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Progressive(bomb); err == nil {
		t.Error("got no error")
	}
	if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > 4<<20 {
		t.Errorf("took %d bytes of memory", after.TotalAlloc-before.TotalAlloc)
	}
}

func FuzzParse(f *testing.F) {
	for _, file := range samples(f) {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) > 1<<14 {
			return
		}
		if p, err := parse(file); err == nil && len(p.components) == 0 {
			t.Error("a picture without components")
		}
	})
}
