package slip

// What every ticket says, drawn or written.
const (
	copyMark     = "КОПИЯ"
	aheadHeading = "перед вами"
	waitHere     = "Ждите в" + nbsp + "зале, у" + nbsp + "табло"
	signOut      = "Работали на Госуслугах? Выйдите из личного кабинета." // A30
	deleteFiles  = "Сохраняли файлы на компьютере центра? Удалите их."    // A29
	fromHome     = "Это можно сделать и из дома:"                         // B1
	onPortal     = "услуга есть на Госуслугах."
	isFree       = "Бесплатно" // A14
	mayCost      = "Только за саму услугу может быть госпошлина."
)

// when says when the ticket was issued.
func (t Ticket) when() string {
	if !t.Dated {
		return "время не" + nbsp + "установлено"
	}
	return t.Issued.Format("02.01.2006, 15:04")
}
