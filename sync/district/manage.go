package district

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"sps-kiosk/sync/ident"
)

// ErrInput means input of a person that cannot be taken; its text says why, in Russian.
var ErrInput = errors.New("так нельзя")

// longestName is how long a name may be, in characters.
const longestName = 100

// sensible reports whether a name can be shown: not empty, not too long, nothing invisible.
func sensible(name string) bool {
	return strings.TrimSpace(name) == name && name != "" && len([]rune(name)) <= longestName &&
		!strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) || r == unicode.ReplacementChar })
}

// checkOffice says what is wrong with an office.
func checkOffice(o Office) error {
	if !sensible(o.Name) || o.District != "" && !sensible(o.District) {
		return fmt.Errorf("%w: название пустое или длиннее %d знаков", ErrInput, longestName)
	}
	if _, err := time.LoadLocation(o.Zone); err != nil || o.Zone == "" || o.Zone == "Local" {
		return fmt.Errorf("%w: часового пояса %q нет. Пример: Europe/Samara", ErrInput, o.Zone)
	}
	return nil
}

// AddOffice adds an office. Errors of the input are ErrInput and ErrTaken.
func (s *Server) AddOffice(ctx context.Context, who string, o Office) (int64, error) {
	if err := checkOffice(o); err != nil {
		return 0, err
	}
	id, err := s.store.AddOffice(ctx, o)
	if err != nil {
		return 0, fmt.Errorf("add office: %w", err)
	}
	s.record(ctx, who, "office.added", o.Name)
	return id, nil
}

// ChangeOffice gives an office other names or another zone. All its figures are counted again where
// the zone changes, because that decides their hours.
func (s *Server) ChangeOffice(ctx context.Context, who string, o Office) error {
	if err := checkOffice(o); err != nil {
		return err
	}
	moved := false
	err := s.store.ChangeOffice(ctx, o.ID, func(old *Office) error {
		moved = old.Zone != o.Zone
		*old = o
		return nil
	})
	if err == nil && moved {
		err = s.store.MarkAll(ctx, o.ID)
	}
	if err != nil {
		return fmt.Errorf("change office %d: %w", o.ID, err)
	}
	s.record(ctx, who, "office.changed", o.Name)
	return nil
}

// AddKiosk adds a place for a device in an office.
func (s *Server) AddKiosk(ctx context.Context, who string, office int64, name string) (int64, error) {
	if !sensible(name) {
		return 0, fmt.Errorf("%w: название пустое или длиннее %d знаков", ErrInput, longestName)
	}
	id, err := s.store.AddKiosk(ctx, office, name)
	if err != nil {
		return 0, fmt.Errorf("add kiosk: %w", err)
	}
	s.record(ctx, who, "kiosk.added", name)
	return id, nil
}

// Invite returns the text of a new enroll.json for a kiosk. The token in it is nowhere else.
func (s *Server) Invite(ctx context.Context, who string, kiosk int64) ([]byte, error) {
	if s.Address == "" {
		return nil, fmt.Errorf("%w: адрес сервера не задан (-address)", ErrInput)
	}
	i, token := ident.Invite(timeNow())
	text, err := json.MarshalIndent(ident.Enrolment{Address: s.Address, Server: s.Key.Public(), Token: token}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write enroll.json: %w", err)
	}
	if err := s.store.Invite(ctx, kiosk, i); err != nil {
		return nil, fmt.Errorf("invite kiosk %d: %w", kiosk, err)
	}
	s.record(ctx, who, "kiosk.invited", kioskName(kiosk))
	return append(text, '\n'), nil
}

// Revoke takes a kiosk off the register: from its next request on nothing of it is taken.
func (s *Server) Revoke(ctx context.Context, who string, kiosk int64) error {
	return s.setStatus(ctx, who, kiosk, "kiosk.revoked", ident.Revoked)
}

// Restore puts a kiosk back that was revoked, held or called cloned, with the key it has.
func (s *Server) Restore(ctx context.Context, who string, kiosk int64) error {
	return s.setStatus(ctx, who, kiosk, "kiosk.restored", ident.Active)
}

// Renew asks a kiosk to put a new key in the place of its present one: the answer to its next delivery says so,
// under the district's signature, and the kiosk does it by itself. Asking again changes nothing.
func (s *Server) Renew(ctx context.Context, who string, kiosk int64) error {
	err := s.store.ChangeKiosk(ctx, kiosk, func(k *Kiosk) error {
		if k.Ring.Current.IsZero() || k.Status != ident.Active {
			return fmt.Errorf("%w: киоск не на учёте, менять нечего", ErrInput)
		}
		k.Renew = k.Ring.Current.ID()
		return nil
	})
	if err != nil {
		return fmt.Errorf("kiosk %d: %w", kiosk, err)
	}
	s.record(ctx, who, "kiosk.renew", kioskName(kiosk))
	return nil
}

// Renewing reports whether the kiosk was asked for a new key and still has the old one.
func (k Kiosk) Renewing() bool { return !k.Ring.Current.IsZero() && k.Renew == k.Ring.Current.ID() }

// setStatus changes how a kiosk stands.
func (s *Server) setStatus(ctx context.Context, who string, kiosk int64, what string, status ident.Status) error {
	err := s.store.ChangeKiosk(ctx, kiosk, func(k *Kiosk) error {
		if k.Ring.Current.IsZero() && status == ident.Active {
			return fmt.Errorf("%w: у киоска нет ключа, выдайте новый enroll.json", ErrInput)
		}
		k.Status = status
		if status == ident.Active {
			k.Watch, k.Cloned = ident.Watch{}, false
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("kiosk %d: %w", kiosk, err)
	}
	s.record(ctx, who, what, kioskName(kiosk))
	return nil
}

// Recompute has every roll-up made anew by the roller.
func (s *Server) Recompute(ctx context.Context, who string) error {
	if err := s.store.MarkAll(ctx, 0); err != nil {
		return fmt.Errorf("recompute: %w", err)
	}
	s.record(ctx, who, "figures.recomputed", "")
	return nil
}
