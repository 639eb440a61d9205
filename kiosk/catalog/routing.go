package catalog

import "slices"

// Competent returns what the staff of a window can do: in the special mode the competencies of its
// category and its own, in the common one those of every category too (B14, B15).
func (c Catalog) Competent(w Window) []string {
	all := slices.Clone(w.Competencies)
	categories := []string{w.Category}
	if c.Mode == Common {
		for _, k := range c.Categories {
			categories = append(categories, k.Code)
		}
	}
	for _, code := range categories {
		for _, known := range c.Of(code) {
			if !slices.Contains(all, known) {
				all = append(all, known)
			}
		}
	}
	return all
}

// Lacks returns the competencies that a window would need for a service and does not have.
func (c Catalog) Lacks(w Window, s Service) (missing []string) {
	has := c.Competent(w)
	for _, code := range s.Requires {
		if !slices.Contains(has, code) {
			missing = append(missing, code)
		}
	}
	return missing
}

// Calls returns the queues a window calls from: of those it serves, the ones it is competent for
// (A7, B8–B10). It is the one place where competency becomes routing.
func (c Catalog) Calls(w Window) (codes []string) {
	for _, s := range c.Services {
		if wanted := len(w.Serves) == 0 || slices.Contains(w.Serves, s.Code); wanted && len(c.Lacks(w, s)) == 0 {
			codes = append(codes, s.Code)
		}
	}
	return codes
}
