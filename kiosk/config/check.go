package config

import (
	"fmt"
	"slices"

	"sps-kiosk/kiosk/queue"
)

// check looks at the settings as a whole: what each section cannot see by itself.
func check(s Settings, out *list) {
	checkServices(s, out)
	checkWindows(s, out)
	checkDisplays(s, out)
	checkLines(s, out)
}

// checkServices looks for codes that come twice and numbers that two services could both give out.
func checkServices(s Settings, out *list) {
	for i, v := range s.Services {
		for _, w := range s.Services[:i] {
			if v.Code == w.Code {
				out.add(fmt.Sprintf("service[%d].code", i), "код %q уже есть у услуги «%s»", v.Code, w.Title)
			}
			if clash := queue.Clash(ruleOf(w), ruleOf(v)); clash != nil {
				key := "prefix"
				if v.Prefix == "" {
					key = "numbers"
				}
				out.add(fmt.Sprintf("service[%d].%s", i, key), "%v", clash)
			}
		}
		served := slices.ContainsFunc(s.Windows, func(w Window) bool { return slices.Contains(w.Serves, v.Code) })
		if !served {
			out.add(fmt.Sprintf("service[%d].code", i),
				"услугу «%s» не вызывает ни одно окно. Добавьте %q в serves одного из окон", v.Title, v.Code)
		}
	}
}

// ruleOf returns the part of a service that the queue's rules know.
func ruleOf(s Service) queue.Service {
	return queue.Service{Code: s.Code, Prefix: s.Prefix, First: s.First, Last: s.Last, Digits: s.Digits}
}

// checkWindows looks for numbers that come twice and services that do not exist.
func checkWindows(s Settings, out *list) {
	codes := make([]string, len(s.Services))
	for i, v := range s.Services {
		codes[i] = v.Code
	}
	for i, w := range s.Windows {
		if slices.ContainsFunc(s.Windows[:i], func(o Window) bool { return o.Number == w.Number }) {
			out.add(fmt.Sprintf("window[%d].number", i), "окно %d уже есть", w.Number)
		}
		for _, code := range w.Serves {
			if !slices.Contains(codes, code) {
				out.add(fmt.Sprintf("window[%d].serves", i), "нет услуги %q. Есть: %s", code, quoted(codes))
			}
		}
		if w.TransferTo != "" && !slices.Contains(codes, w.TransferTo) {
			out.add(fmt.Sprintf("window[%d].transfer_to", i), "нет услуги %q. Есть: %s", w.TransferTo, quoted(codes))
		}
	}
}
