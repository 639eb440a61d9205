package web

import "html/template"

// icons are lines on a field of 24 by 24, drawn for this kiosk: the inside of an <svg>.
var icons = map[string]string{
	"tick":    `<path d="m4.500 12.500 5 5L20 6.500"/>`,
	"well":    `<circle cx="12" cy="12" r="9.500"/><path d="m7.500 12.500 3.200 3L16.500 9"/>`,
	"soon":    `<path d="M12 3 22 20.500H2z"/><path d="M12 9.500v5M12 17.400v.2"/>`,
	"broken":  `<path d="M7.800 2.500h8.400l5.300 5.300v8.400l-5.300 5.300H7.800l-5.300-5.300V7.800z"/><path d="M12 7v6M12 16.500v.2"/>`,
	"unknown": `<circle cx="12" cy="12" r="9.500"/><path d="M9 9.500a3 3 0 1 1 4.500 2.600c-1 .6-1.500 1.100-1.500 2.100M12 17.200v.2"/>`,
	"go":      `<path d="m9 4.500 7.500 7.500L9 19.500"/>`,
	"call":    `<path d="M3.500 9.500v5H7l5 4.500V5L7 9.500z"/><path d="M15.500 9.200a4 4 0 0 1 0 5.600M18.300 6.500a8 8 0 0 1 0 11"/>`,
	"bell":    `<path d="M5.500 17.500c1.500-1.500 1-4 1.500-7a5 5 0 0 1 10 0c.5 3 0 5.500 1.500 7z"/><path d="M10 20.800h4"/>`,
	"aside":   `<path d="M12 3v9.500m-3.800-3.700L12 12.500l3.800-3.700"/><path d="M3.500 14.500v6h17v-6"/>`,
	"send":    `<path d="M3 8.500h16m-4.500-4.500L19 8.500 14.500 13M21 16H5"/>`,
	"pause":   `<path d="M8.500 5v14M15.500 5v14"/>`,
	"paper":   `<path d="M6 2.500h12v19l-2-1.600-2 1.600-2-1.600-2 1.600-2-1.600-2 1.600z"/><path d="M9.500 8h5M9.500 12h5"/>`,
	"person":  `<circle cx="12" cy="7.500" r="4"/><path d="M4.500 21.500c.3-4.800 3.300-7 7.500-7s7.200 2.200 7.500 7"/>`,
	"shield":  `<path d="M12 2.500 4.500 5.300v6.200c0 5 3.200 8.200 7.500 10 4.300-1.800 7.500-5 7.500-10V5.300z"/><path d="m8.500 12 2.500 2.500 4.500-5"/>`,
	"digits":  `<rect x="2" y="6" width="20" height="12" rx="2"/><path d="M7 9v6M11 9h3v3h-3v3h3M18 9v6"/>`,
	"save":    `<path d="M12 3v12m-5-5 5 5 5-5M4 20.500h16"/>`,
	"cross":   `<path d="M5.500 5.500l13 13M18.500 5.500l-13 13"/>`,
}

// icon draws a line drawing that says nothing by itself: there is always a word beside it. A name that
// is none is a fault of a template, and draws nothing.
func icon(name string) template.HTML {
	return template.HTML(`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">` + icons[name] + `</svg>`)
}
