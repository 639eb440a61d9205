// Keeps a page in step with the kiosk: it listens to the page's stream and puts what is new into the
// regions it is about. A page that hears nothing says so, and never shows old numbers as new.
import { keep } from "./paint.js";

const meta = (name) => document.querySelector(`meta[name="panel-${name}"]`)?.content;
const silence = 25_000; // two beats and a half
const grace = 2_000; // a restart of the kiosk is no news

let source, watch, doubt;

// link tells the page how the line is: "live" or "lost".
function link(state) {
  clearTimeout(doubt);
  doubt = undefined;
  if (document.documentElement.dataset.link === state) return;
  document.documentElement.dataset.link = state;
  for (const e of document.querySelectorAll(".lost")) e.hidden = state === "live";
  document.dispatchEvent(new CustomEvent("link", { detail: state }));
}

// heard says that the kiosk is there, until the silence is too long.
function heard() {
  link("live");
  clearTimeout(watch);
  watch = setTimeout(() => { link("lost"); open(); }, silence);
}

// quiet doubts, and after a moment is sure.
function quiet() {
  doubt ??= setTimeout(() => link("lost"), document.documentElement.dataset.link === "live" ? grace : 0);
}

function open() {
  source?.close();
  source = new EventSource(meta("stream"));
  source.addEventListener("hello", (e) => {
    if (e.data !== meta("version")) return location.reload(); // another program: its pages are others
    heard();
  });
  source.addEventListener("paint", (e) => {
    const regions = JSON.parse(e.data);
    for (const id in regions) {
      const place = document.getElementById(id);
      if (place) keep(place, regions[id]);
    }
    document.dispatchEvent(new CustomEvent("paint", { detail: Object.keys(regions) }));
    heard();
  });
  source.addEventListener("beat", heard);
  source.addEventListener("bye", () => { close(); location.reload(); });
  source.addEventListener("error", () => {
    quiet();
    if (source?.readyState === EventSource.CLOSED) { // refused: ask again, less often
      clearTimeout(watch);
      watch = setTimeout(open, 5_000);
    }
  });
}

function close() {
  clearTimeout(watch);
  clearTimeout(doubt);
  doubt = undefined;
  source?.close();
  source = undefined;
}

// A page that nobody sees gives its line back; a browser has six for one kiosk.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) close();
  else if (!source) open();
});
addEventListener("pagehide", close);
addEventListener("pageshow", (e) => { if (e.persisted) open(); });
open();
