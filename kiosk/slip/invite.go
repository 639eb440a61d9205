package slip

// Invitation tells where a visitor will be called, as the ticket says it: «Вас позовут к окну 1 или 2.» (A18)
func Invitation(places []string) string { return invitation(places) }
