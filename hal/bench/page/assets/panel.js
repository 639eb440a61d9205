// The right-hand panel: the kiosk's clock, its power, and what can be broken.
import { byId, el, put, say } from "./dom.js";
import { act } from "./link.js";

const PROGRAM = { running: "Программа работает", starting: "Программа запускается…", stopped: "Программа остановлена" };
const date = new Intl.DateTimeFormat("ru-RU", { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });

// local reads a time with its own offset, so that the page shows the kiosk's hour and not the browser's.
function local(wall) {
  const zone = /([+-])(\d\d):(\d\d)$/.exec(wall);
  const minutes = zone ? (zone[1] === "-" ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3])) : 0;
  return Date.parse(wall) + minutes * 60000;
}

function toggle(words, send, name) {
  const input = el("input", { type: "checkbox", role: "switch", "aria-label": name });
  // The switch shows the machine's state, so it waits for the next snapshot.
  input.onchange = async () => {
    if (!(await send(input.checked))) input.checked = !input.checked;
  };
  return { node: el("label", {}, input, words), set: (on) => input.checked !== on && (input.checked = on) };
}

const group = (legend, list, c) => el("fieldset", { class: c }, el("legend", {}, legend), ...list.map((t) => t.node));

export class Panel {
  constructor(s) {
    const printer = (key) => (on) => act("/printer", { [key]: on });
    this.printer = { paperOut: toggle("нет бумаги", printer("paperOut")), paperLow: toggle("бумага кончается", printer("paperLow")),
      coverOpen: toggle("крышка открыта", printer("coverOpen")), unplugged: toggle("кабель вынут", printer("unplugged")) };
    this.absent = toggle("табло отключено", (on) => act("/display", { absent: on }));
    this.untrusted = toggle("часы сбиты", (on) => act("/clock", { trusted: !on }));
    this.lines = new Map([
      ...s.buttons.map((b) => [b.line, this.stuck(b.line, b.letter || b.title, `Кнопка «${b.letter || b.title}» зажата`)]),
      ...s.handsets.map((h) => [h.line, this.stuck(h.line, h.place, `Пульт зажат, ${h.place}`)]),
    ]);
    byId("faults").replaceChildren(
      group("Принтер", Object.values(this.printer)), group("Киоск", [this.absent, this.untrusted]),
      group("Зажать кнопку", [...this.lines.values()], "chips"));
    byId("plus-minute").onclick = () => act("/clock", { shift: 60 });
    byId("plus-hour").onclick = () => act("/clock", { shift: 3600 });
    byId("power").onclick = () => act("/power", { on: !this.now.power });
    this.tick();
  }

  stuck(line, words, name) {
    return toggle(words, (on) => act("/stick", { line, stuck: on }), name);
  }

  update(s) {
    this.now = s;
    this.ahead = local(s.wall) - performance.now();
    for (const [key, t] of Object.entries(this.printer)) t.set(s.printer[key]);
    this.absent.set(s.display.absent);
    this.untrusted.set(!s.trusted);
    const lines = [...s.buttons, ...s.handsets];
    for (const l of lines) this.lines.get(l.line).set(l.stuck);
    const broken = [s.printer.paperOut, s.printer.paperLow, s.printer.coverOpen, s.printer.unplugged, s.display.absent, !s.trusted, ...lines.map((l) => l.stuck)].filter(Boolean).length;
    say(byId("faults-note"), broken ? `сломано: ${broken}` : "сейчас всё исправно");
    put(byId("faults-note"), "data-broken", broken > 0);
    say(byId("power"), s.power ? "Выдернуть вилку" : "Вернуть вилку");
    say(byId("program"), s.power ? PROGRAM[s.program] ?? s.program : "Вилка выдернута, программа остановлена");
    this.showClock();
  }

  showClock() {
    if (!this.now) return;
    const at = new Date(performance.now() + this.ahead);
    say(byId("clock-time"), at.toISOString().slice(11, 19));
    say(byId("clock-date"), this.now.trusted ? date.format(at) : "время не установлено");
  }

  // tick follows the kiosk's seconds, not the page's.
  tick() {
    if (Panel.timer) clearTimeout(Panel.timer);
    this.showClock();
    Panel.timer = setTimeout(() => this.tick(), 1000 - ((performance.now() + (this.ahead ?? 0)) % 1000) + 5);
  }
}
