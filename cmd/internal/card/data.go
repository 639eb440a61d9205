package card

import (
	"context"
	"fmt"

	"sps-kiosk/image/ext4"
)

// dataDevice is the partition that keeps what the kiosk writes.
const dataDevice = "/dev/disk/by-partlabel/data"

// checkData makes the data partition sound before systemd looks at it, and says so where its superblock was not whole.
func checkData(ctx context.Context) error {
	found, err := ext4.Check(ctx, dataDevice)
	if err == nil && found != ext4.Whole {
		fmt.Println("KIOSK-MENDED superblock was", found)
	}
	return err
}
