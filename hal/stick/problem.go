package stick

import (
	"errors"
	"io/fs"
	"syscall"
)

// Problem is why a stick cannot take pages, or has not. Its value is a word of the messages between
// the processes and of the log; Text is what the citizen reads.
type Problem string

// Problems. The first ones are about the device, then the medium, then the writing.
const (
	NotStorage     Problem = "not storage"           // more than, or other than, a stick in the citizen's port
	Changed        Problem = "descriptors changed"   // the device tells something else after it was let in
	NoMedium       Problem = "no medium"             // a card reader without a card
	BadTable       Problem = "bad partition table"   // it contradicts itself or the disk
	Unknown        Problem = "no known file system"  // a new or wiped stick, or something rare
	NTFS           Problem = "ntfs"                  // refused: its kernel driver is not for foreign images
	BitLocker      Problem = "bitlocker"             // encrypted by Windows
	Linux          Problem = "linux file system"     // ext2…4, btrfs, xfs, f2fs, LUKS
	Apple          Problem = "apple file system"     // HFS+, APFS
	ISO            Problem = "iso image"             // an installation disk copied onto a stick
	WriteProtected Problem = "write-protected"       // the switch on its side, or a worn-out medium
	Full           Problem = "full"                  // not enough room
	TooLarge       Problem = "file too large"        // vfat ends at 4 GiB
	NoName         Problem = "no free name"          // a thousand scans of one day are on it
	Pulled         Problem = "pulled"                // taken out before the end
	Broken         Problem = "input/output error"    // in the socket, and fails
	Fake           Problem = "read back differently" // what was written is not there: capacity or memory is false
	Busy           Problem = "cannot be unmounted"
)

// texts say what happened and what to do, in the words of the copy deck.
var texts = map[Problem]string{
	NotStorage:     "Это не обычная флешка. Вставьте другую: подойдёт та, на которой нет ничего, кроме памяти",
	Changed:        "Флешка ведёт себя подозрительно, поэтому мы её отключили. Вставьте другую",
	NoMedium:       "В устройстве нет карты памяти. Вставьте карту или обычную флешку",
	BadTable:       "Флешка размечена с ошибкой. Вставьте другую или отформатируйте эту на компьютере в FAT32 или exFAT",
	Unknown:        "Флешка не отформатирована. Вставьте другую или отформатируйте эту на компьютере в FAT32 или exFAT",
	NTFS:           "Флешка в формате NTFS, он не подходит. Вставьте другую: нужен формат FAT32 или exFAT",
	BitLocker:      "Флешка зашифрована BitLocker. Вставьте другую, без шифрования",
	Linux:          "Флешка в формате Linux, он не подходит. Вставьте другую: нужен формат FAT32 или exFAT",
	Apple:          "Флешка в формате Apple, он не подходит. Вставьте другую: нужен формат FAT32 или exFAT",
	ISO:            "На флешке образ установочного диска, добавить файл нельзя. Вставьте другую",
	WriteProtected: "Флешка защищена от записи. Сдвиньте переключатель на её боку или вставьте другую",
	Full:           "На флешке мало места. Вставьте другую",
	TooLarge:       "Файл больше 4 ГБ, на эту флешку он не поместится. Сохраните меньше страниц или вставьте флешку в формате exFAT",
	NoName:         "На флешке уже слишком много сканов за этот день. Вставьте другую",
	Pulled:         "Флешку вынули слишком рано. Файл не записан, страницы целы. Вставьте флешку снова",
	Broken:         "Флешка не отвечает. Страницы целы. Вставьте её ещё раз или другую",
	Fake:           "Проверка не прошла: на флешке записалось не то. Она неисправна или меньше, чем обещает. Вставьте другую",
	Busy:           "Не удаётся отключить флешку. Не вынимайте её, позовите сотрудника кнопкой помощи",
}

// Error is the problem as the log has it.
func (p Problem) Error() string { return string(p) }

// Text is the problem as the citizen reads it, without a full stop: what it is and what to do. A
// problem that is not one of this package has the text of Broken.
func (p Problem) Text() string {
	if t, ok := texts[p]; ok {
		return t
	}
	return texts[Broken]
}

// ProblemOf finds the problem in an error. The kernel's error numbers are translated: what a write
// says when the stick is gone is not one number (EIO, ENODEV, ENXIO; ENOENT where a directory was;
// ENOSPC from an emptied vfat), so whoever knows that the device has left the bus must say so with
// Gone. It returns "" for nil.
func ProblemOf(err error) Problem {
	var p Problem
	switch {
	case err == nil:
		return ""
	case errors.As(err, &p):
		return p
	case is(err, syscall.ENODEV, syscall.ENXIO, syscall.ESHUTDOWN):
		return Pulled
	case is(err, syscall.ENOSPC, syscall.EDQUOT):
		return Full
	case is(err, syscall.EROFS, syscall.EACCES, syscall.EPERM):
		return WriteProtected
	case is(err, syscall.EFBIG):
		return TooLarge
	case is(err, syscall.EBUSY):
		return Busy
	case is(err, syscall.ENOMEDIUM):
		return NoMedium
	}
	return Broken
}

// Gone is what an error means once the device is known to have left the bus: whatever the kernel
// said, the stick was pulled. What had been found out before stays: a full stick was full.
func Gone(err error) Problem {
	switch p := ProblemOf(err); p {
	case "", Broken, WriteProtected, Busy, NoMedium, Fake:
		return Pulled
	case Full:
		if is(err, syscall.ENOSPC) {
			return Pulled // an emptied vfat says so
		}
		return p
	default:
		return p
	}
}

func is(err error, numbers ...syscall.Errno) bool {
	for _, n := range numbers {
		var got syscall.Errno
		if errors.As(err, &got) && got == n {
			return true
		}
	}
	return false
}

// exists reports whether a name is taken.
func exists(err error) bool { return errors.Is(err, fs.ErrExist) }
