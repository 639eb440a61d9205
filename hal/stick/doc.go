// Package stick is the citizen's flash drive: whether a USB device may be one, where on it pages may
// be written, and the writing itself until they are certainly there (C6, A34).
//
// It owns the policy by physical port (Ports), the reading of partition tables and superblocks
// (Partitions, Recognise), the choice of a volume and how it is mounted (Choose, Mount), names that
// cannot collide (Label), writing with progress by bytes on the medium (Save), and the proof by reading
// back (Verify). Every way this can end badly is a Problem.
//
// It refuses to list what is on a stick, to read anything but what it wrote itself, and any file
// system but vfat and exfat. It decides nothing about sessions and starts no process.
package stick
