package pdf

import "errors"

// Why a page or a file is refused. Errors of this package wrap one of these, or what the reader or
// the output returned. None of them holds anything of the picture.
var (
	// ErrNotJPEG means that the bytes do not begin as a JPEG: another format, or an error page.
	ErrNotJPEG = errors.New("not a JPEG")
	// ErrTruncated means that the JPEG ends before its end-of-image marker, or has no bytes at all.
	ErrTruncated = errors.New("cut JPEG")
	// ErrBroken means that the JPEG contradicts itself or ITU-T T.81.
	ErrBroken = errors.New("broken JPEG")
	// ErrCoding means a kind of JPEG that PDF readers do not decode (ISO 32000-1, 7.4.8): arithmetic,
	// lossless, hierarchical, or not of 8 bits.
	ErrCoding = errors.New("JPEG coding that PDF does not take")
	// ErrColours means a JPEG that is neither grey nor red, green and blue: CMYK, or unclear.
	ErrColours = errors.New("JPEG is neither grey nor RGB")
	// ErrTwoPictures means that another JPEG follows the end of the first: it may be another page,
	// so it is not thrown away.
	ErrTwoPictures = errors.New("two JPEGs in one page")
	// ErrPageSize means a page under 3 or over 14400 points (ISO 19005-2, 6.1.13).
	ErrPageSize = errors.New("page size out of range")
	// ErrTooLarge means that one page alone does not fit into Options.MaxBytes.
	ErrTooLarge = errors.New("page larger than a file may be")
	// ErrChanged means that the bytes of a page are not those that were inspected.
	ErrChanged = errors.New("page is not the one inspected")
	// ErrNoPages is returned by Close when no page was added; no file was opened then.
	ErrNoPages = errors.New("no pages")
)

// Message is what the citizen's screen says about an error of this package, in Russian, one or two
// short sentences; empty for an error that is not about a page.
func Message(err error) string {
	for _, m := range []struct {
		text string
		of   []error
	}{
		{"Страница дошла не целиком. Отсканируйте её ещё раз.", []error{ErrTruncated, ErrBroken, ErrChanged}},
		{"Сканер сбился. Отсканируйте страницу ещё раз.", []error{ErrNotJPEG, ErrTwoPictures, ErrPageSize}},
		{"Такую картинку откроют не все программы. Отсканируйте страницу ещё раз или позовите сотрудника.",
			[]error{ErrCoding, ErrColours}},
		{"Страница слишком большая и не поместится в файл. Позовите сотрудника.", []error{ErrTooLarge}},
		{"Пока нечего сохранять. Отсканируйте страницу.", []error{ErrNoPages}},
	} {
		for _, known := range m.of {
			if errors.Is(err, known) {
				return m.text
			}
		}
	}
	return ""
}
