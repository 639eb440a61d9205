package config

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestDistrict(t *testing.T) {
	got, err := Parse([]byte("[site]\nname = \"МФЦ\"\n[district]\naddress = \"https://sps.region.ru/kiosk\"\n" +
		"proxy = \"http://10.0.0.1:3128\"\nevery_minutes = 15\npost_quantum = true\nnew_key = \"осень 2026\"\n"))
	want := District{Address: "https://sps.region.ru/kiosk", Proxy: "http://10.0.0.1:3128", Every: 15 * time.Minute, PostQuantum: true, NewKey: "осень 2026"}
	if err != nil || got.District != want {
		t.Errorf("got %+v, error %v, want %+v", got.District, err, want)
	}
	if usual := Default().District; usual != (District{Every: 5 * time.Minute}) {
		t.Errorf("got %+v in the built-in settings, want no address, every 5 minutes", usual)
	}
}

func TestDistrictComplains(t *testing.T) {
	for line, part := range map[string]string{
		`address = "http://sps.region.ru"`:       "не адрес сервера района",
		`address = "sps.region.ru"`:              "не адрес сервера района",
		`address = "https://sps.region.ru/?a=1"`: "не адрес сервера района",
		`proxy = "10.0.0.1:3128"`:                "не адрес посредника",
		`new_key = 5`:                            "текст в кавычках",
		`every_minutes = 0`:                      "можно от 1 до 60",
		`adress = ""`:                            "address",
	} {
		_, err := Parse([]byte("[district]\n" + line + "\n"))
		var wrong *Error
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: got %v, want a complaint with %q", line, err, part)
		}
	}
}
