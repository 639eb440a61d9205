// Press and hold. A button goes down at once and is never left down: every way a finger, a key,
// a window or a page can go away ends in a release.
import { act, client, post } from "./link.js";

const held = new Map(); // line → { node, since }
const TRAVEL = 60; // ms a real button needs to go down and up again: a touchpad's tap is shorter than any finger
let last = Promise.resolve(); // a release must not overtake its press

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function send(path, line, wait) {
  last = last.then(() => wait > 0 && pause(wait)).then(() => act(path, { line, client }));
}

function down(node, line) {
  if (held.has(line)) return;
  held.set(line, { node, since: performance.now() });
  node.classList.add("is-held");
  send("/press", line, 0);
}

function up(line) {
  if (!held.has(line)) return;
  const { node, since } = held.get(line);
  node.classList.remove("is-held");
  held.delete(line);
  send("/release", line, TRAVEL - (performance.now() - since));
}

function upAll() {
  for (const line of [...held.keys()]) up(line);
}

// A page that is leaving cannot wait for its turn in the queue.
function leave() {
  for (const [line, { node }] of held) {
    node.classList.remove("is-held");
    post("/release", { line, client }).catch(() => {});
  }
  held.clear();
}

export function holdable(node, line) {
  const lift = () => up(line);
  node.addEventListener("pointerdown", (e) => {
    if (e.button !== 0) return;
    if (e.target.hasPointerCapture?.(e.pointerId)) e.target.releasePointerCapture(e.pointerId);
    down(node, line);
  });
  for (const name of ["pointerup", "pointercancel", "pointerleave", "blur"]) node.addEventListener(name, lift);
  node.addEventListener("contextmenu", (e) => e.preventDefault());
  node.addEventListener("keydown", (e) => {
    if (e.key !== " " && e.key !== "Enter") return;
    e.preventDefault();
    if (!e.repeat) down(node, line);
  });
  node.addEventListener("keyup", (e) => {
    if (e.key === " " || e.key === "Enter") lift();
  });
}

addEventListener("blur", upAll);
addEventListener("pagehide", leave);
document.addEventListener("visibilitychange", () => document.hidden && upAll());
