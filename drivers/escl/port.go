package escl

import (
	"context"

	"sps-kiosk/drivers/pages"
)

// Offer implements pages.Scanner.
func (s *Scanner) Offer(ctx context.Context) (pages.Offer, error) {
	c, err := s.Capabilities(ctx)
	if err != nil {
		return pages.Offer{}, err
	}
	o := pages.Offer{Feeder: c.Feeder != nil || c.FeederDuplex != nil, Duplex: c.FeederDuplex != nil}
	for _, preset := range c.Presets() {
		if len(o.DPI) == 0 || preset.DPI > o.DPI[len(o.DPI)-1] {
			o.DPI = append(o.DPI, preset.DPI)
		}
		o.Color = o.Color || preset.Color
	}
	return o, nil
}
