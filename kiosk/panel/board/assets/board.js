// Sounds a chime when somebody is called: two falling tones, less than a second. A browser that may not
// sound without a press stays silent, and the kiosk's own voice says the call.
let newest = last();
let sound;

function last() {
  return Math.max(0, ...[...document.querySelectorAll("#calls [data-number]")].map((e) => Number(e.dataset.number)));
}

function tone(at, hertz, seconds) {
  const source = new OscillatorNode(sound, { frequency: hertz });
  const level = new GainNode(sound, { gain: 0 });
  level.gain.setValueAtTime(0, at);
  level.gain.linearRampToValueAtTime(0.3, at + 0.02);
  level.gain.exponentialRampToValueAtTime(0.001, at + seconds);
  source.connect(level).connect(sound.destination);
  source.start(at);
  source.stop(at + seconds);
}

function chime() {
  sound ??= new AudioContext();
  if (sound.state !== "running") return void sound.resume().catch(() => {});
  tone(sound.currentTime, 784, 0.45);
  tone(sound.currentTime + 0.4, 587, 0.55);
}

document.addEventListener("paint", () => {
  const now = last();
  if (now > newest) {
    document.documentElement.dataset.chimes = Number(document.documentElement.dataset.chimes ?? 0) + 1;
    chime();
  }
  newest = now; // a kiosk that came up again counts from the beginning
});
