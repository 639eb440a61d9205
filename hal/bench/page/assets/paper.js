// Paper: slides out of the slot as the printer model drew it, can be read closely and torn off.
// Torn sheets stay on a pile for as long as this page is open.
import { byId, calm, clickable, el, put, ring, say, svg } from "./dom.js";
import { act } from "./link.js";

const WIDTH = 128, X = 131, TOOTH = 6.4; // on the drawing's scale: 576 dots are 128 units

async function fetchPicture(paper) {
  const answer = await fetch(`/paper/${paper.id}.png`);
  if (!answer.ok) throw new Error(`paper ${paper.id}: ${answer.status}`);
  const blob = await answer.blob();
  return new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = () => fail(reader.error);
    reader.readAsDataURL(blob);
  });
}

// outline is a sheet with a torn lower edge.
function outline(height) {
  const teeth = Array.from({ length: WIDTH / TOOTH }, (_, i) => `l${-TOOTH / 2}-4l${-TOOTH / 2} 4`).join("");
  return `M0 0h${WIDTH}v${height}${teeth}z`;
}

class Sheet {
  constructor(paper, slot, open) {
    this.paper = paper;
    this.image = svg("image", { x: 0, y: 2, width: WIDTH });
    this.back = svg("path", { class: "p-sheet" });
    this.slides = svg("g", {}, this.back, this.image);
    this.focus = svg("g", {});
    this.node = svg("g", { class: "part paper", role: "button", tabindex: 0, transform: `translate(${X + 3 * (paper.id % 3) - 3} ${slot})`, "data-paper-id": paper.id,
      "aria-label": "Лист в щели: рассмотреть и оторвать" }, this.slides, this.focus);
    clickable(this.node, () => open(this));
  }

  // A sheet still in the printer shows its edge; the picture comes when the knife has fallen
  // or when printing broke off.
  async update(paper, printing) {
    const ready = paper.cut || !printing;
    const mark = ready ? `${paper.height}:${paper.cut}` : "edge";
    if (mark === this.mark) return;
    this.mark = mark;
    if (!ready) return this.lay(9, null);
    const picture = await fetchPicture(paper).catch(() => null);
    if (this.mark !== mark) return;
    if (!picture) return void (this.mark = ""); // asked again with the next snapshot
    this.picture = picture;
    this.paper = paper;
    this.lay((paper.height * WIDTH) / paper.width + 8, picture);
  }

  lay(height, picture) {
    put(this.back, "d", outline(height));
    put(this.image, "href", picture);
    put(this.image, "height", height - 8);
    this.focus.replaceChildren(ring(1, 2, WIDTH - 2, height - 8, 2));
    put(this.node, "data-ready", picture !== null);
    if (!calm()) this.slides.animate([{ transform: `translateY(${-height + 8}px)` }, { transform: "none" }], { duration: picture ? 450 : 140, easing: "cubic-bezier(.2,.7,.2,1)" });
  }

  fall() {
    for (const name of ["role", "tabindex", "data-paper-id"]) this.node.removeAttribute(name);
    if (calm()) return this.node.remove();
    const end = [{ transform: "none", opacity: 1 }, { transform: "translateY(90px) rotate(7deg)", opacity: 0 }];
    this.slides.animate(end, { duration: 320, easing: "ease-in" }).onfinish = () => this.node.remove();
  }
}

export class Papers {
  constructor(layer) {
    this.layer = layer;
    this.slot = Number(layer.dataset.slot);
    this.sheets = new Map();
    this.torn = [];
    byId("pile-list").replaceChildren();
    this.dialog = byId("paper-dialog");
    byId("paper-close").onclick = () => this.dialog.close();
    byId("paper-tear").onclick = () => this.tear();
    this.dialog.onclick = (e) => e.target === this.dialog && this.dialog.close();
  }

  update(s) {
    const now = s.printer.papers, ids = new Set(now.map((p) => p.id));
    for (const [id, sheet] of this.sheets) if (!ids.has(id)) this.drop(id, sheet);
    now.forEach((p) => this.hang(p).update(p, s.printer.printing));
    this.drawPile();
  }

  hang(paper) {
    if (!this.sheets.has(paper.id)) {
      const sheet = new Sheet(paper, this.slot, (it) => this.open(it, true));
      this.sheets.set(paper.id, sheet);
      this.layer.append(sheet.node);
    }
    return this.sheets.get(paper.id);
  }

  drop(id, sheet) {
    this.sheets.delete(id);
    sheet.fall();
    if (sheet.picture) this.torn.push(sheet);
    if (this.shown === sheet && this.dialog.open) this.dialog.close();
  }

  open(sheet, hanging) {
    if (!sheet.picture) return;
    this.shown = sheet;
    put(byId("paper-image"), "src", sheet.picture);
    byId("paper-image").classList.toggle("is-long", sheet.paper.height > 2 * sheet.paper.width);
    put(byId("paper-tear"), "hidden", !hanging);
    say(byId("paper-tear"), this.sheets.size > 1 ? `Оторвать все, ${this.sheets.size}` : "Оторвать");
    this.dialog.showModal(); // focus goes to the sheet: a held Enter must not tear what it opened
  }

  async tear() {
    if (this.shown) await act("/tear", { id: this.shown.paper.id });
    this.dialog.close();
  }

  drawPile() {
    const pile = byId("pile"), list = byId("pile-list");
    put(pile, "hidden", this.torn.length === 0);
    if (list.childElementCount === this.torn.length && list.dataset.last === String(this.torn.at(-1)?.paper.id)) return;
    list.dataset.last = this.torn.at(-1)?.paper.id;
    list.replaceChildren(...this.torn.map((sheet, i) => {
      const again = el("button", { type: "button", class: "leaf", "aria-label": `Оторванный лист ${i + 1}: рассмотреть` }, el("img", { src: sheet.picture, alt: "" }));
      again.onclick = () => this.open(sheet, false);
      return el("li", {}, again);
    }));
  }
}
