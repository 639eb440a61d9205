// What happened, newest on top, in the program's own words and with its own measurements.
import { byId, el } from "./dom.js";

const NUMBER = /(\p{Lu}\d{2,4})(?!\d)/u;
const took = new Intl.NumberFormat("ru-RU", { maximumFractionDigits: 1 });
const KEEP = 200;

const key = (e) => `${e.at} ${e.text}`;

function row(e) {
  const words = e.text.split(NUMBER).map((part, i) => (i % 2 ? el("b", {}, part) : part));
  const ms = e.tookMs > 0 ? el("i", {}, ` ${took.format(e.tookMs)} мс`) : null;
  return el("li", {}, el("time", { datetime: e.at }, e.at.slice(11, 19)), el("span", {}, ...words, ms));
}

export class Journal {
  constructor() {
    this.list = byId("journal");
    this.list.replaceChildren();
    this.seen = [];
    byId("journal-clear").onclick = () => this.list.replaceChildren();
  }

  // The journal only grows at its end and may lose its beginning; rows already drawn are left alone.
  update(s) {
    const keys = s.journal.map(key);
    let from = this.seen.length ? keys.lastIndexOf(this.seen.at(-1)) + 1 : 0;
    if (from === 0 && this.seen.length) this.list.replaceChildren();
    for (const e of s.journal.slice(from)) this.list.prepend(row(e));
    while (this.list.childElementCount > KEEP) this.list.lastChild.remove();
    this.seen = keys;
  }
}
