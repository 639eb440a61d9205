package escpos

// Prefix bytes of commands.
const (
	esc = 0x1b
	fs  = 0x1c
	gs  = 0x1d
)

// partialCut feeds to the cutter and leaves a tab, so that the slip does not fall (GS V 66 0).
var partialCut = string([]byte{gs, 'V', 66, 0})

// usual is what clones have too: pictures by GS v 0, a cut, GS r.
func usual(name string, dots int, pages Pages) Profile {
	return Profile{Name: name, Dots: dots, Pages: pages, Cut: []byte(partialCut)}
}

// Generic80 is an 80 mm printer of no special make: 576 dots at 203 dpi (facts §1.3).
func Generic80() Profile { return usual("generic 80 mm", 576, Pages{CP866: 17}) }

// Generic58 is the same for 58 mm paper: 384 dots. Of CP1251 the sources disagree (facts §1.2, row
// "Zjiang POS-5890").
func Generic58() Profile { return usual("generic 58 mm", 384, Pages{CP866: 17}) }

// Unknown is the safe profile: 384 dots are on every head, and nothing is asked that a clone could
// print as text.
func Unknown() Profile {
	p := usual("unknown", 384, Pages{})
	p.Unfamiliar = true
	return p
}

// Xprinter80 is an XP-N160II or XP-T80Q (facts §1.2).
func Xprinter80() Profile { return usual("Xprinter 80 mm", 576, Pages{CP866: 17, CP1251: 23}) }

// Rongta80 is an RP326 or RP332. Page 17 is Greek there (facts §1.2).
func Rongta80() Profile { return usual("Rongta 80 mm", 576, Pages{CP866: 7, CP1251: 6}) }

// Atol80 is an Atol RP-326-USE, a Rongta RP326 sold under that name. Its table of letters is not
// sure: Rongta's list says 866 is 7, programs in the field send 17 or nothing at all. So it prints
// pictures, whatever the settings say. Commands, status and cut are those of the RP326.
func Atol80() Profile { return usual("Atol RP-326", 576, Pages{}) }

// Shtrih stands for the receipt printers of Shtrih-M: the 500 has the packets of their fiscal
// printers, the 600 and 700 Epson's ESC/P2 (ESC P, ESC ( B, form feed cuts), all on RS-232 or
// parallel lines. None of them would print a slip in ESC/POS, but metres of signs.
func Shtrih() Profile {
	p := usual("Shtrih", 384, Pages{})
	p.Foreign = true
	return p
}

// Citizen is a CT-S651 or CT-S310II. The head of the first has 640 dots; 576 are on both.
func Citizen() Profile {
	p := usual("Citizen CT-S", 576, Pages{CP866: 7})
	p.Clear, p.Recover, p.Guard = true, true, true
	return p
}

// EpsonT20 is an 80 mm Epson of 203 dpi (TM-T20II and later): status unasked, and confirmation when
// the paper is really printed.
func EpsonT20() Profile { return epson("Epson TM-T20", 576, Pages{CP866: 17, CP1251: 46}, true) }

// EpsonT88 is a TM-T88V or later: 512 dots at 180 dpi.
func EpsonT88() Profile { return epson("Epson TM-T88", 512, Pages{CP866: 17, CP1251: 46}, true) }

// EpsonOther is an Epson that does not tell its model, or an old one: 512 dots are on each head of
// 80 mm, and GS ( H is missing in a TM-T88III (facts §1.9).
func EpsonOther() Profile { return epson("Epson TM", 512, Pages{CP866: 17}, false) }

func epson(name string, dots int, pages Pages, ids bool) Profile {
	p := usual(name, dots, pages)
	p.ASB, p.ProcessID, p.Clear, p.Recover, p.Guard = true, ids, true, true, true
	return p
}

// CustomVKP80II has a presenter that the host works: FF cuts and holds the ticket out, GS e takes it
// back or lets it go (facts §1.7). Steps of GS e 3 are 0.6 to 22 mm, so it is not used.
func CustomVKP80II() Profile {
	p := custom("Custom VKP80II")
	p.Cut = []byte{0x0c}
	p.Presenter = &Presenter{
		Retract: []byte{gs, 'e', 2},
		Eject:   []byte{gs, 'e', 5},
	}
	return p
}

// CustomVKP80III has a presenter with a timer of its own, set by the FS P that cuts: see Options.
func CustomVKP80III() Profile {
	p := custom("Custom VKP80III")
	p.Presenter = &Presenter{Timer: true}
	return p
}

// custom is what both have. GS V may not fire the cutter of a presenter; the cut of these does not
// feed, and five lines (19 mm) bring the picture behind the knife.
func custom(name string) Profile {
	return Profile{Name: name, Dots: 576, Pages: Pages{CP866: 17}, FeedLines: 5, FullStatus: true, PowerUps: true}
}
