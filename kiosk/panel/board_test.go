package panel_test

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"sps-kiosk/cmd/webtest"
	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/panel/paneltest"
)

// busyHall lets windows 1 to 3 and the seat serve, with some who went before and some who wait.
func busyHall(k *paneltest.Kiosk) {
	issue := func(services ...string) {
		for _, s := range services {
			k.Command(kiosk.Ordered{Command: gesture.Issue, Service: s})
		}
	}
	do := func(window int, commands ...gesture.Command) {
		for _, c := range commands {
			k.Command(kiosk.Ordered{Command: c, Window: window})
			k.Later(time.Second)
		}
	}
	issue("docs", "docs", "docs", "docs", "ready", "sps", "sps", "esia", "consult")
	do(1, gesture.Open, gesture.CallNext, gesture.Start, gesture.Finish, gesture.CallNext, gesture.Start)
	do(2, gesture.Open, gesture.CallNext, gesture.Start, gesture.Finish)
	do(3, gesture.Open, gesture.CallNext, gesture.Start)
	do(4, gesture.Open, gesture.CallNext, gesture.Start)
	k.Later(9 * time.Minute)
	issue("docs", "docs", "consult")
}

// TestTheHallBoard shows who goes where in both orientations, flashes what is new, and never shows an old
// call as a new one when the kiosk is gone.
func TestTheHallBoard(t *testing.T) {
	k := paneltest.Start(t)
	busyHall(k)
	for _, o := range []struct {
		name string
		at   webtest.Options
	}{{"board", webtest.Options{Width: 1920, Height: 1080}}, {"board-portrait", webtest.Options{Width: 1080, Height: 1920}},
		{"board-small", webtest.Options{Width: 960, Height: 540, Scale: 2}}} {
		b := open(t, o.at)
		b.do(chromedp.Navigate(k.Screen+"/board"), webtest.Is(`document.documentElement.dataset.link === "live"`))
		k.Command(kiosk.Ordered{Command: gesture.CallNext, Window: 2})
		b.do(webtest.Is(`document.querySelector("#calls .call:first-child.call--now")`))
		b.do(webtest.Is(`document.documentElement.dataset.chimes === "1"`))
		b.do(chromedp.Sleep(3200 * time.Millisecond)) // the flashes are over: axe and the picture want the colour that stays
		b.fair(o.name)
		b.do(webtest.Is(`document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight`))
		k.Command(kiosk.Ordered{Command: gesture.Recall, Window: 2})
		b.do(webtest.Is(`document.documentElement.dataset.chimes === "2"`))
		k.Command(kiosk.Ordered{Command: gesture.NoShow, Window: 2})
		b.do(webtest.Is(`!document.querySelector(".call--now")`), webtest.Is(`document.querySelectorAll("#last li").length <= 5`))
	}
}

// TestOneLetterOneQueue: queues that share a letter are one on the board, and one that nobody competent
// serves says so (A33).
func TestOneLetterOneQueue(t *testing.T) {
	k := paneltest.Start(t)
	b := open(t, webtest.Options{Width: 1920, Height: 1080})
	k.Command(kiosk.Ordered{Command: gesture.Issue, Service: "esia"})
	b.do(chromedp.Navigate(k.Screen+"/board"), webtest.Is(`document.documentElement.dataset.link === "live"`))
	b.do(webtest.Is(`(() => { const l = [...document.querySelectorAll("#queues .plate")].map(e => e.textContent); return l.length > 0 && new Set(l).size === l.length })()`))
	b.do(webtest.Is(`document.querySelector("#bare").textContent.includes("Е: специалиста сейчас нет")`))
	b.fair("board-bare")
	k.Command(kiosk.Ordered{Command: gesture.Open, Window: 3})
	b.gone("#bare p")
}

// TestTheBoardFlashesWithinTheLimit: three times in three seconds, and not at all for who asked for less
// motion.
func TestTheBoardFlashesWithinTheLimit(t *testing.T) {
	k := paneltest.Start(t)
	b := open(t, webtest.Options{Width: 1920, Height: 1080})
	b.do(chromedp.Navigate(k.Screen+"/board"), webtest.Is(`document.documentElement.dataset.link === "live"`))
	k.Command(kiosk.Ordered{Command: gesture.Issue, Service: "docs"})
	k.Command(kiosk.Ordered{Command: gesture.Open, Window: 1})
	k.Command(kiosk.Ordered{Command: gesture.CallNext, Window: 1})
	var flash struct {
		Count, Milliseconds float64
	}
	animation := `(() => { const a = document.querySelector(".call--now").getAnimations()[0]; const t = a?.effect.getTiming();
		return t ? {Count: t.iterations, Milliseconds: t.duration} : {Count: 0, Milliseconds: 0} })()`
	b.do(webtest.Is(`document.querySelector(".call--now")`), chromedp.Evaluate(animation, &flash))
	if flash.Count != 3 || flash.Milliseconds < 334 {
		t.Errorf("flashes %v times, every %v ms; want 3 times, at most 3 a second", flash.Count, flash.Milliseconds)
	}
	b.do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}))
	k.Command(kiosk.Ordered{Command: gesture.Recall, Window: 1})
	b.do(webtest.Is(`document.documentElement.dataset.chimes === "2"`), chromedp.Evaluate(animation, &flash))
	if flash.Count != 0 {
		t.Errorf("with less motion it still flashes %v times", flash.Count)
	}
}

// TestALostLinkIsSaid: the kiosk is gone, the board says so and dims, and tells the truth again by itself.
func TestALostLinkIsSaid(t *testing.T) {
	k := paneltest.Start(t)
	busyHall(k)
	b := open(t, webtest.Options{Width: 1920, Height: 1080})
	b.do(chromedp.Navigate(k.Screen+"/board"), webtest.Is(`document.documentElement.dataset.link === "live"`))
	back := k.CutScreen()
	b.do(webtest.Is(`document.documentElement.dataset.link === "lost"`), webtest.Is(`!document.querySelector(".lost").hidden`))
	b.see(".lost", "Нет связи с киоском")
	b.see(".lost", "Номера могли измениться")
	b.fair("board-lost")
	k.Command(kiosk.Ordered{Command: gesture.CallNext, Window: 2})
	back()
	b.do(webtest.Is(`document.documentElement.dataset.link === "live" && document.querySelector(".lost").hidden`))
	b.do(webtest.Is(`document.querySelector("#calls .call:first-child.call--now")`))
}
