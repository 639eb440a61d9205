// The scanner's corner: glass, feeder, a pile of sample sheets, and the citizen's stick.
import { byId, el, put, say, svg } from "./dom.js";
import { act } from "./link.js";

const SHEETS = [["application", "Заявление"], ["certificate", "Справка"], ["form", "Анкета"], ["card", "Карточка"], ["empty", "Чистый лист"]];
const FAULTS = [["unplugged", "кабель вынут"], ["jam", "лист застрянет"], ["cutPage", "обрывает страницы"]];

const button = (words, send, extra) => {
  const node = el("button", { class: "btn", type: "button", ...extra }, words);
  node.onclick = send;
  return node;
};

// drawing is the device from the front: glass below, feeder above, the stick in its socket at the right.
function drawing() {
  const glassSheet = svg("rect", { class: "scan__sheet", x: 46, y: 74, width: 84, height: 22 });
  const tray = svg("g", {});
  const light = svg("rect", { class: "scan__light", x: 30, y: 98, width: 116, height: 3 });
  const drive = svg("g", { class: "scan__drive" }, svg("rect", { x: 176, y: 84, width: 34, height: 14, rx: 3 }), svg("rect", { x: 168, y: 87, width: 8, height: 8 }));
  const picture = svg("svg", { viewBox: "0 0 224 128", "aria-hidden": "true" },
    svg("rect", { class: "scan__body", x: 20, y: 70, width: 140, height: 46, rx: 6 }), svg("rect", { class: "scan__glass", x: 30, y: 76, width: 120, height: 22 }),
    svg("path", { class: "scan__lid", d: "M28 66 L40 40 H140 L152 66 Z" }), svg("rect", { class: "scan__slot", x: 164, y: 86, width: 6, height: 10 }), glassSheet, tray, light, drive);
  return { picture, glassSheet, tray, light, drive };
}

export class Scans {
  constructor(root, s) {
    this.root = root;
    put(root, "hidden", !s.scanner);
    if (!s.scanner) return;
    this.draw = drawing();
    this.state = el("p", { class: "scan__state", role: "status" });
    this.glass = button("Убрать со стекла", () => act("/scan/glass", { sheet: "" }));
    this.take = button("Забрать листы", () => act("/scan/take", {}));
    this.stick = button("", () => act("/scan/stick", { in: !this.now.stick.in }));
    this.files = el("ul", { class: "scan__files", "aria-label": "Файлы на флешке" });
    this.faults = FAULTS.map(([key, words]) => {
      const input = el("input", { type: "checkbox", role: "switch", "aria-label": `Сканер: ${words}` });
      input.onchange = async () => (await act("/scan/fault", { [key]: input.checked })) || (input.checked = !input.checked);
      return { key, input, node: el("label", {}, input, words) };
    });
    const pile = el("fieldset", { class: "chips" }, el("legend", {}, "Листы-образцы, все вымышленные: на стекло"),
      ...SHEETS.map(([sheet, words]) => button(words, () => act("/scan/glass", { sheet }), { "data-sheet": sheet })));
    const feeder = el("fieldset", { class: "chips" }, el("legend", {}, "В податчик"),
      ...[1, 5, 20].map((n) => button(`${n}`, () => act("/scan/feeder", { sheets: n }), { "aria-label": `Листов в податчик: ${n}`, "data-feeder": n })), this.take);
    const drive = el("fieldset", { class: "chips", id: "drive" }, el("legend", {}, "Флешка посетителя"), this.stick, this.files);
    root.replaceChildren(el("h2", {}, "Сканер"), this.draw.picture, this.state, pile, this.glass, feeder, drive,
      el("fieldset", { class: "chips" }, el("legend", {}, "Сломать сканер"), ...this.faults.map((f) => f.node)));
  }

  update(s) {
    const v = s.scanner;
    if (!v) return;
    this.now = v;
    put(this.root, "data-scanning", v.scanning);
    put(this.draw.glassSheet, "visibility", v.onGlass ? "visible" : "hidden");
    put(this.draw.drive, "visibility", v.stick?.in ? "visible" : "hidden");
    put(this.draw.light, "visibility", v.scanning ? "visible" : "hidden");
    this.draw.tray.replaceChildren(...Array.from({ length: Math.min(v.tray, 12) }, (_, i) => svg("rect", { class: "scan__sheet", x: 52 + i, y: 34 - 2 * i, width: 72, height: 3 })));
    say(this.state, [v.onGlass ? "на стекле лист" : "стекло пустое", `в податчике: ${v.tray}`, v.out ? `вышло: ${v.out}` : "", v.jammed ? "лист застрял" : "",
      v.scanning ? "сканирует" : ""].filter(Boolean).join(" · "));
    put(this.glass, "disabled", !v.onGlass);
    for (const f of this.faults) {
      const on = f.key === "jam" ? v.jammed : v[f.key];
      if (f.input.checked !== on) f.input.checked = on;
    }
    this.showStick(v.stick);
  }

  showStick(stick) {
    put(this.stick, "hidden", !stick);
    if (!stick) return;
    say(this.stick, stick.in ? "Вынуть" : "Вставить");
    const key = JSON.stringify(stick.files);
    if (this.shown === key) return;
    this.shown = key;
    this.files.replaceChildren(...stick.files.map((f) => el("li", {},
      el("a", { href: `/drive/${f.path}`, target: "_blank", rel: "noopener" }, f.path), ` ${Math.ceil(f.size / 1024)} КБ`)));
  }
}

export const scans = (s) => new Scans(byId("scans"), s);
