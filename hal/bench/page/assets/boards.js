// The further displays: over a window or in the hall, as their chips and boards show them.
import { el, put, say, svg } from "./dom.js";
import { digits, hex, reading } from "./segments.js";

const PITCH = 44;

// leds are seven-segment digits; a text board draws its signs by itself, so they are letters here.
function board(b) {
  const node = el("li", { class: "board", role: "img" }, el("span", { class: "board__title" }, b.title));
  if (!b.digits) {
    const text = el("b", { class: "board__text" });
    node.append(text);
    return { node, text };
  }
  const wide = b.width * PITCH + 16;
  const { group, light } = digits(b.width, PITCH);
  node.append(svg("svg", { viewBox: `0 0 ${wide} 84`, "aria-hidden": "true" }, svg("g", { transform: "translate(16 14)" }, group)));
  return { node, light };
}

// flash flashes as often as the board would since it was told; the animation begins in the past.
function flash(text, b) {
  const key = `${b.text} ${b.since}`;
  if (text.dataset.key === key) return;
  text.dataset.key = key;
  text.style.animation = "none";
  text.getBoundingClientRect(); // or the browser would go on with the old one
  text.style.animation = b.flashes && b.text ? `board-flash 1s steps(1) ${b.flashes < 0 ? "infinite" : b.flashes}` : "none";
}

export class Boards {
  constructor(root, s) {
    this.boards = s.boards.map(board);
    root.replaceChildren(...this.boards.map((b) => b.node));
    put(root, "hidden", !s.boards.length);
  }

  update(s) {
    s.boards.forEach((b, i) => this.show(this.boards[i], b));
  }

  show(d, b) {
    const shown = b.dark ? "" : b.digits ? reading(b.digits) : b.text;
    put(d.node, "data-text", shown);
    put(d.node, "aria-label", `Табло, ${b.title}: ${shown || "не горит"}`);
    if (d.text) {
      say(d.text, shown);
      flash(d.text, b);
      return;
    }
    put(d.node, "data-digits", hex(b.digits));
    d.light(b.digits, b.dark);
  }
}
