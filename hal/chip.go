package hal

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/warthog618/go-gpiocdev"
	"golang.org/x/sys/unix"
)

// consumer is the name the kernel shows beside our lines.
const consumer = "sps-kiosk"

// lastHeaderLine is the highest line of the 40-pin header. Those above drive the SD card, the
// radio and the power of the board itself.
const lastHeaderLine = 27

// chip is one GPIO character device as found, or why it could not be read.
type chip struct {
	name, label string
	err         error
}

// openChip opens the controller of the 40-pin header. It goes by label: the header of a Pi 5 was
// gpiochip4 until Linux 6.6.45 and gpiochip0 since.
func openChip() (*gpiocdev.Chip, error) {
	var found []chip
	for _, name := range gpiocdev.Chips() {
		c, err := gpiocdev.NewChip(name)
		if err != nil {
			found = append(found, chip{name: name, err: err})
			continue
		}
		found = append(found, chip{name: name, label: c.Label})
		c.Close() // opened to read the label only
	}
	name, err := choose(found)
	if err != nil {
		return nil, err
	}
	c, err := gpiocdev.NewChip(name, gpiocdev.WithConsumer(consumer))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	return c, nil
}

// choose returns the name of the header's controller. A second node or a link for the same
// controller does no harm: the first that could be read wins.
func choose(found []chip) (string, error) {
	var others []string
	var denied error
	for _, c := range found {
		switch {
		case errors.Is(c.err, os.ErrPermission):
			denied = fmt.Errorf("нет доступа к /dev/%s: добавьте пользователя в группу gpio: %w", c.name, c.err)
		case c.err != nil: // a link or a stale node
		case isHeader(c.label):
			return c.name, nil
		default:
			others = append(others, fmt.Sprintf("%s (%s)", c.name, c.label))
		}
	}
	if denied != nil {
		return "", denied
	}
	seen := "контроллеров GPIO нет"
	if len(others) > 0 {
		seen = "есть только " + strings.Join(others, ", ")
	}
	return "", fmt.Errorf("плата не найдена: нужна Raspberry Pi 3, 4, 5 или Zero 2 W, а здесь %s; "+
		"попробовать без платы: kiosk -board bench", seen)
}

// isHeader knows the labels of header controllers: Pi 3 and Zero 2 W, Pi 4, Pi 5.
func isHeader(label string) bool {
	return slices.Contains([]string{"pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1"}, label)
}

// bcmNumber parses "GPIO17".
func bcmNumber(name string) (int, error) {
	digits, ok := strings.CutPrefix(name, "GPIO")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || strconv.Itoa(n) != digits || n < 0 || n > lastHeaderLine {
		return 0, fmt.Errorf("line %q: want GPIO0…GPIO%d", name, lastHeaderLine)
	}
	return n, nil
}

// requester asks the kernel for one line of the board's controller.
func (b *Board) requester(offset int) requester {
	return func(options ...gpiocdev.LineReqOption) (request, error) {
		r, err := b.chip.RequestLine(offset, options...)
		if errors.Is(err, unix.EBUSY) {
			if info, e := b.chip.LineInfo(offset); e == nil && info.Used {
				err = fmt.Errorf("линия занята: %q: %w", info.Consumer, err)
			}
		}
		if err != nil {
			return nil, err
		}
		return r, nil
	}
}
