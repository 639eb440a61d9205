package dashboard

// figurePages are the pages of figures, in the order of the navigation.
func (s *Site) figurePages() []Page {
	return nil
}
