// Three first steps. A step is done when the machine shows that it happened, not when a button was clicked.
import { byId, el, put, say } from "./dom.js";

const KEY = "coach";
const NUMBER = /(^|[^\p{L}\d])(\p{Lu}\d{2,4}|\d{3,4})(?!\d)/u; // a ticket number inside a sentence

const recall = () => JSON.parse(sessionStorage.getItem(KEY) ?? "null") ?? {};

export class Coach {
  constructor(drawings) {
    this.drawings = drawings;
    this.saved = recall();
    this.titles = new Map(); // window → what its card said last
    this.items = [1, 2, 3].map((n) => {
      const title = el("strong"), note = el("span"), tick = el("span", { class: "hidden" });
      return { node: el("li", {}, el("b", { "aria-hidden": "true" }, String(n)), el("p", {}, title, tick, note)), title, note, tick };
    });
    byId("coach").replaceChildren(...this.items.map((i) => i.node));
  }

  update(s, fresh) {
    const k = this.saved;
    if (fresh || s.seq < (k.seq ?? 0)) for (const name of Object.keys(k)) delete k[name];
    k.seq = s.seq;
    k.ticket ||= s.printer.papers.some((p) => p.cut);
    k.called ||= this.called(s);
    k.pulled ||= !s.power && k.called === true;
    k.back ||= k.pulled === true && s.power && s.program === "running" && s.captions.length > 0;
    sessionStorage.setItem(KEY, JSON.stringify(k));
    this.draw(s, k);
  }

  // called: a card over a handset that said something else now names a ticket.
  called(s) {
    const before = this.titles;
    this.titles = new Map(s.captions.map((c) => [c.window, c.title]));
    return s.captions.some((c) => before.get(c.window) && before.get(c.window) !== c.title && NUMBER.test(c.title));
  }

  draw(s, k) {
    const first = s.buttons.find((b) => b.role === "service");
    const done = [k.ticket, k.called, k.back];
    const step = done.findIndex((d) => !d);
    this.write(0, "Возьмите талон", this.ticket(s, k, first?.letter ?? "А"));
    this.write(1, "Вызовите посетителя", this.call(s, k));
    this.write(2, ...this.plug(s, k));
    this.items.forEach((item, i) => {
      item.node.classList.toggle("is-done", !!done[i]);
      say(item.tick, done[i] ? " (сделано) " : "");
      put(item.node, "aria-current", i === step ? "step" : null);
    });
    if (step !== this.step) say(byId("coach-say"), step < 0 ? "Все три шага сделаны." : this.items[step].title.textContent);
    this.step = step;
    this.aim(s, step);
  }

  // ticket: a press without paper mostly means that the kiosk's own clock says it is closed.
  ticket(s, k, letter) {
    if (k.ticket) return "Напечатан. Нажмите на лист, чтобы рассмотреть и оторвать.";
    if (s.buttons.some((b) => b.pressed)) this.tried ??= performance.now();
    const waited = this.tried && performance.now() - this.tried > 2500;
    return waited && !s.printer.printing ? "Бумага не вышла? Если сейчас не приёмные часы, переведите время: «+1 час»." : `Нажмите «${letter}» на киоске: внизу выйдет бумага.`;
  }

  call(s, k) {
    if (k.called) return "Номер и окно загорелись на табло.";
    const press = this.nextCaption(s)?.lines?.find((l) => l.do === "нажать");
    const place = s.handsets.find((h) => h.window === this.nextWindow(s))?.place;
    return press ? `Нажмите пульт, ${place}. Сейчас это значит: ${press.means}.` : "Нажмите пульт специалиста: номер замигает на табло.";
  }

  // nextCaption is where a press helps: where the program says so, else where it means anything at all.
  nextCaption(s) {
    return s.captions.find((c) => c.halo) ?? s.captions.find((c) => c.lines?.some((l) => l.do === "нажать"));
  }

  nextWindow(s) {
    return this.nextCaption(s)?.window ?? s.handsets[0]?.window;
  }

  plug(s, k) {
    if (k.back) return ["Очередь на месте", "Питание пропадало, номера и вызовы сохранились."];
    if (k.pulled && s.power) return ["Вилка на месте", "Программа запускается и читает очередь с карты…"];
    if (!s.power) return ["Верните вилку", "Программа остановлена на полуслове. Вернётся ли очередь?"];
    return ["Теперь выдерните вилку", "Верните её и увидите: очередь на месте."];
  }

  write(i, title, note) {
    say(this.items[i].title, title);
    say(this.items[i].note, note);
  }

  // aim: while the kiosk is dark only the plug makes sense; after the last step the program's own hints stay.
  aim(s, step) {
    const hinted = s.captions.filter((c) => c.halo).map((c) => c.window);
    const target = !s.power ? "plug" : this.saved.pulled && !this.saved.back ? "wait" : ["ticket", "call", "plug"][step] ?? "free";
    const windows = target === "free" ? hinted : target === "call" ? [this.nextWindow(s)] : [];
    for (const d of this.drawings) d.aim(target, windows);
  }
}
