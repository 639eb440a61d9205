package hall

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
)

// Build builds the program under torture into a folder: the real one, as it is in this tree.
func Build(ctx context.Context, folder string) (program string, err error) {
	program = filepath.Join(folder, "kiosk")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "sps-kiosk/cmd/kiosk").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the kiosk: %w: %s", err, out)
	}
	return program, nil
}
