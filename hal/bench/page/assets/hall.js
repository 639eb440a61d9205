// The specialists' places: a sign, a card that says what the next gesture will do, a handset.
import { el, put, say, svg } from "./dom.js";
import { holdable } from "./press.js";

function handset(h) {
  const button = el("button", { type: "button", class: "handset", "data-line": h.line, "data-window": h.window });
  button.append(svg("svg", { viewBox: "0 0 132 168", "aria-hidden": "true" },
    svg("rect", { class: "h-shadow", x: 6, y: 10, width: 124, height: 156, rx: 22 }),
    svg("rect", { class: "h-body", x: 3, y: 4, width: 124, height: 158, rx: 22 }),
    svg("circle", { class: "h-lamphole", cx: 65, cy: 23, r: 8.5 }), h.lamp ? svg("circle", { class: "h-lamp", cx: 65, cy: 23, r: 6.5 }) : null,
    svg("circle", { class: "halo", cx: 65, cy: 92, r: 57 }), svg("circle", { class: "h-well", cx: 65, cy: 92, r: 49 }),
    svg("circle", { class: "h-edge", cx: 65, cy: 94, r: 41 }),
    svg("g", { class: "moves" }, svg("circle", { class: "h-btn", cx: 65, cy: 89, r: 41 }), svg("ellipse", { class: "h-shine", cx: 65, cy: 82, rx: 31, ry: 28 }))));
  holdable(button, h.line);
  return button;
}

function place(h) {
  const title = el("h3"), list = el("ul");
  const card = el("div", { class: "card", "data-window": h.window }, title, list);
  const button = handset(h);
  const node = el("li", { class: "place" }, el("p", { class: "sign" }, h.place), card, button, el("div", { class: "counter", "aria-hidden": "true" }));
  return { node, card, title, list, button, window: h.window, place: h.place };
}

const silence = (s) => !s.power ? "Киоск без питания" : s.program === "running" ? "Пульт молчит" : s.program === "starting" ? "Программа запускается…" : "Программа остановлена";

function writeLines(list, lines) {
  const now = JSON.stringify(lines);
  if (list.dataset.lines === now) return;
  list.dataset.lines = now;
  list.replaceChildren(...lines.map((l) => el("li", {}, el("b", {}, l.do), ` — ${l.means}`)));
}

export class Hall {
  constructor(root, s) {
    this.places = s.handsets.map(place);
    root.replaceChildren(...this.places.map((p) => p.node));
    put(root, "data-count", this.places.length);
  }

  update(s) {
    s.handsets.forEach((h, i) => this.updateHandset(this.places[i], h, s.power));
    for (const p of this.places) this.updateCard(p, s.captions.find((c) => c.window === p.window), s);
  }

  updateHandset(p, h, power) {
    p.button.classList.toggle("is-down", h.pressed || h.stuck);
    p.button.classList.toggle("is-lit", h.lit && power);
    const lamp = h.lamp ? (h.lit && power ? ", лампа горит" : ", лампа не горит") : "";
    put(p.button, "aria-label", `Пульт, ${p.place}${lamp}${h.stuck ? ", зажат" : ""}`);
  }

  updateCard(p, caption, s) {
    put(p.card, "data-empty", !caption);
    say(p.title, caption ? caption.title : silence(s));
    writeLines(p.list, caption?.lines ?? []);
  }

  // aim puts the amber ring on the handsets of the given windows.
  aim(target, windows) {
    for (const p of this.places) p.button.classList.toggle("is-aimed", windows.includes(p.window));
  }
}
