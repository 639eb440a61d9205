// The kiosk itself: cabinet, display, panel buttons, slot, printer cover, plug.
import { byId, clickable, put, ring, say, svg } from "./dom.js";
import { act } from "./link.js";
import { holdable } from "./press.js";
import { digits, hex, reading } from "./segments.js";

const LEFT = 104, WIDTH = 306, RIGHT = LEFT + WIDTH; // the working width inside the cabinet

const rect = (c, x, y, width, height, rx = 0) => svg("rect", { class: c, x, y, width, height, rx });
const circle = (c, cx, cy, r) => svg("circle", { class: c, cx, cy, r });
const path = (c, d) => svg("path", { class: c, d });
const text = (c, x, y, words) => svg("text", { class: c, x, y }, words);
const pressable = (attrs, ...kids) => svg("g", { class: "part", role: "button", tabindex: 0, ...attrs }, ...kids);

// squeeze keeps a long title inside its width without a smaller font for the others.
function squeeze(node, most) {
  const real = node.getComputedTextLength();
  if (real > most) put(node, "textLength", most), put(node, "lengthAdjust", "spacingAndGlyphs");
}

export class Machine {
  constructor(root, s) {
    this.lines = new Map();
    this.papers = svg("g", { id: "papers" });
    const service = s.buttons.filter((b) => b.role === "service");
    const round = s.buttons.filter((b) => b.role !== "service");
    this.shift = round.length ? 52 : 0; // the slot gives way to a row of tool buttons
    root.replaceChildren(
      ...this.cabinet(round.some((b) => b.role === "scan")),
      this.display(s.display.digits.length),
      ...service.map((b, i) => this.service(b, i, service.length)),
      ...round.map((b, i) => this.tool(b, i, round)),
      this.hatch(), ...this.slot(), this.plug());
    for (const t of root.querySelectorAll(".m-label")) squeeze(t, WIDTH - 116);
  }

  cabinet(scans) {
    return [
      svg("ellipse", { class: "m-ground", cx: 262, cy: 640, rx: 200, ry: 13 }),
      rect("m-foot", 102, 612, 314, 24, 5), rect("m-side", 86, 14, 358, 606, 22), rect("m-body", 86, 14, 342, 606, 22),
      path("m-cap", "M108 14h298a22 22 0 0 1 22 22v28H86V36a22 22 0 0 1 22-22z"),
      text("m-captext", 257, 46, scans ? "Талоны и сканирование" : "Талоны в очередь"),
    ];
  }

  display(n) {
    const bezel = rect("m-bezel", LEFT, 78, WIDTH, 98, 9);
    const pitch = (WIDTH - 44) / n;
    const { group, light } = digits(n, pitch);
    this.light = light;
    this.led = svg("g", { id: "display", role: "img", "aria-label": "Табло", "data-digits": "" }, bezel,
      rect("m-glass", LEFT + 6, 84, WIDTH - 12, 86, 5),
      svg("g", { transform: `translate(${LEFT + 26} 99)` }, group), path("m-glare", `M${LEFT + 6} 89a5 5 0 0 1 5-5h${WIDTH * 0.55}l-34 86h-${WIDTH * 0.55 - 29}z`),
      text("m-unplugged", 257, 134, "табло отключено"));
    return this.led;
  }

  service(b, i, n) {
    const h = Math.min(46, 238 / n), y = 190 + i * h, mid = y + h / 2 - 3, top = y, tall = h - 6;
    const g = pressable({ "data-line": b.line },
      rect("hit", LEFT - 4, top - 2, WIDTH + 8, tall + 4),
      rect("m-plate", LEFT + 54, top, WIDTH - 54, tall, 5),
      rect("m-letter", LEFT + 59, mid - 15, 30, 30, 4), text("m-lettertext", LEFT + 74, mid + 7.5, b.letter),
      text("m-label", LEFT + 100, mid + 6, b.title),
      circle("m-well", LEFT + 24, mid, 19.5), svg("g", { class: "moves" }, circle("m-edge", LEFT + 24, mid + 1.5, 15), circle("m-btn", LEFT + 24, mid - 0.5, 15)),
      b.lamp ? circle("m-lamp", LEFT + 24, mid, 17.5) : null,
      circle("halo", LEFT + 24, mid, 23), ring(LEFT - 2, top - 1, WIDTH + 4, tall + 2, 8));
    return this.keep(g, b, `Кнопка «${b.letter}»: ${b.title}`);
  }

  tool(b, i, all) {
    const share = (WIDTH - 8 * (all.length - 1)) / all.length, x = LEFT + i * (share + 8), y = 436;
    const g = pressable({ "data-line": b.line }, rect("m-well", x, y, share, 44, 8),
      svg("g", { class: "moves" }, rect(`m-tool m-tool--${b.role}`, x + 4, y + 3, share - 8, 35, 6), text("m-tooltext", x + share / 2, y + 26, b.title)),
      b.lamp ? rect("m-lamp", x + 1, y + 1, share - 2, 42, 8) : null, ring(x, y, share, 44, 8));
    return this.keep(g, b, `Кнопка «${b.title}»`);
  }

  keep(g, b, name) {
    put(g, "aria-label", name);
    holdable(g, b.line);
    this.lines.set(b.line, { g, name, lamp: b.lamp !== "" });
    return g;
  }

  slot() {
    const y = 446 + this.shift;
    const clip = svg("clipPath", { id: "slot-clip" }, svg("rect", { x: 86, y: y + 13, width: 200, height: 900 }));
    put(this.papers, "data-slot", y + 13);
    return [clip, rect("m-slotframe", LEFT, y, 182, 28, 7), rect("m-slot", LEFT + 12, y + 9, 158, 9, 4.5),
      text("m-note", LEFT + 91, y + 48, "здесь выйдет талон"),
      svg("g", { "clip-path": "url(#slot-clip)" }, this.papers), rect("m-lip", LEFT + 12, y + 9, 158, 4, 2)];
  }

  // The printer behind its cover: the roll shows what is left of the paper.
  hatch() {
    const x = 300, y = 446 + this.shift, h = 148 - this.shift, mid = y + h / 2 - 8;
    this.roll = svg("g", { class: "roll" }, circle("roll__paper", 355, mid, 34), circle("roll__paper roll__paper--low", 355, mid, 17), circle("roll__core", 355, mid, 10));
    this.hatchSay = text("m-note", 355, y + h - 12, "");
    this.hatchNode = pressable({ id: "cover" },
      rect("m-cave", x, y, 110, h, 7), this.roll,
      svg("g", { class: "hatch__door" }, rect("m-door", x, y, 110, h, 7), rect("m-latch", 337, y + 12, 36, 7, 3.5),
        path("m-icon", `M343 ${mid - 8}v-12h24v12M339 ${mid + 10}h-5v-18h42v18h-5M343 ${mid + 3}h24v17h-24z`)),
      rect("m-doorswung", RIGHT - 5, y - 3, 11, h + 6, 3), this.hatchSay, ring(x, y, 110, h, 7));
    clickable(this.hatchNode, () => act("/printer", { coverOpen: !this.now.printer.coverOpen }));
    return this.hatchNode;
  }

  plug() {
    this.cable = path("m-cable", "");
    this.plugNode = pressable({ id: "plug" },
      rect("hit", 0, 496, 86, 146), rect("m-socket", 8, 512, 52, 52, 9), circle("m-hole", 34, 538, 19),
      circle("m-pin", 28, 538, 2.6), circle("m-pin", 40, 538, 2.6),
      this.cable, svg("g", { class: "m-plughead" }, rect("m-plug", 21, 526, 34, 24, 6), rect("m-plug", 52, 532, 9, 12, 3)),
      text("m-note", 34, 503, "220 В"), svg("circle", { class: "halo", cx: 34, cy: 538, r: 30 }), ring(3, 487, 64, 86, 9));
    clickable(this.plugNode, () => act("/power", { on: !this.now.power }));
    return this.plugNode;
  }

  update(s) {
    this.now = s;
    this.updateDisplay(s);
    for (const b of s.buttons) this.updateLine(b, s.power);
    this.updatePrinter(s.printer, s.power);
    put(this.plugNode, "aria-label", s.power ? "Вилка в розетке: выдернуть" : "Вилка выдернута: вернуть в розетку");
    put(this.plugNode, "data-on", s.power);
    put(this.cable, "d", s.power ? "M58 538C76 538 64 578 90 578" : "M60 607C84 607 66 578 90 578");
  }

  updateDisplay(s) {
    const d = s.display, dark = d.dark || d.absent || !s.power;
    put(this.led, "data-digits", hex(d.digits));
    put(this.led, "data-dark", dark);
    put(this.led, "data-absent", d.absent);
    put(this.led, "data-level", Math.min(3, d.intensity >> 2));
    put(this.led, "aria-label", dark ? "Табло не горит" : `Табло: ${reading(d.digits) || "пусто"}`);
    this.light(d.digits, dark);
  }

  updateLine(b, power) {
    const { g, name, lamp } = this.lines.get(b.line);
    g.classList.toggle("is-down", b.pressed || b.stuck);
    g.classList.toggle("is-lit", b.lit && power);
    g.classList.toggle("is-stuck", b.stuck);
    put(g, "aria-label", name + (lamp ? (b.lit && power ? ", лампа горит" : ", лампа не горит") : "") + (b.stuck ? ", зажата" : ""));
  }

  updatePrinter(p, power) {
    const words = !power ? "нет питания" : p.unplugged ? "кабель вынут" : p.coverOpen ? (p.paperOut ? "бумаги нет" : "закрыть крышку")
      : p.paperOut ? "нет бумаги" : p.printing ? "печатает" : p.paperLow ? "бумаги мало" : "принтер";
    say(this.hatchSay, words);
    put(this.hatchNode, "aria-label", p.coverOpen ? "Крышка принтера открыта: закрыть" : `Крышка принтера: открыть. Сейчас: ${words}`);
    put(this.hatchNode, "data-open", p.coverOpen);
    put(this.hatchNode, "data-bad", p.unplugged || p.paperOut || p.coverOpen);
    put(this.roll, "data-left", p.paperOut ? "none" : p.paperLow ? "low" : "full");
    put(byId("machine"), "data-printing", p.printing);
  }

  // aim finds the drawn part the coach points at.
  aim(target) {
    for (const { g } of this.lines.values()) g.classList.remove("is-aimed");
    this.plugNode.classList.toggle("is-aimed", target === "plug");
    if (target === "ticket") this.lines.values().next().value?.g.classList.add("is-aimed");
  }
}
