package kiosk

import (
	"testing"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/queue"
)

func TestFullCardGivesNoTicketUntilThereIsRoom(t *testing.T) {
	b := newBench(t)
	b.give(DeviceSeen{"disk", health.Full})
	before := len(b.events)
	b.give(ServicePressed{"docs"})
	b.want("display", b.display(), "Е-32")
	b.want("events of a refused press", len(b.events)-before, 0)
	b.want("sound", b.sounds[len(b.sounds)-1], Mistake)
	b.give(DeviceSeen{"disk", health.SpaceLow})
	b.give(ServicePressed{"docs"})
	b.want("event", b.kinds()[len(b.kinds())-1], event.Issued)
}

func TestLossIsAnEventWithItsCause(t *testing.T) {
	m, err := NewMachine(config.Default(), queue.State{})
	if err != nil {
		t.Fatal(err)
	}
	change, _ := m.Start(event.Time{Boot: 1}, Loss{Events: 7, Numbers: map[string]int{"docs": 3}, Cause: "quarantine"})
	var got []event.Event
	for _, e := range change.Events {
		if e.Kind == event.Lost {
			got = append(got, e)
		}
	}
	if len(got) != 2 || got[0].Count != 7 || got[0].Code != "quarantine" || got[1].Count != 3 || got[1].Queue != "docs" {
		t.Errorf("got %+v, want 7 events by quarantine and 3 numbers of docs", got)
	}
}
