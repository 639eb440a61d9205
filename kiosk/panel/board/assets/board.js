// Sounds a chime when somebody is called: two falling tones, less than a second. A browser that may not
// sound without a press stays silent, and the kiosk's own voice says the call.
const sound = new Audio(new URL("./chime.wav", import.meta.url).href);
let newest = last();

function last() {
  return Math.max(0, ...[...document.querySelectorAll("#calls [data-number]")].map((e) => Number(e.dataset.number)));
}

document.addEventListener("paint", () => {
  const now = last();
  if (now > newest) {
    const page = document.documentElement;
    page.dataset.chimes = Number(page.dataset.chimes ?? 0) + 1;
    sound.currentTime = 0;
    sound.play().catch(() => {});
  }
  newest = now; // a kiosk that came up again counts from the beginning
});
