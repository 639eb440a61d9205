// One snapshot in, the whole picture out. Every part draws what the snapshot says and nothing else.
import { listen } from "./link.js";
import { byId, say } from "./dom.js";
import { Machine } from "./machine.js";
import { Hall } from "./hall.js";
import { Boards } from "./boards.js";
import { scans } from "./scans.js";
import { Papers } from "./paper.js";
import { Coach } from "./coach.js";
import { Panel } from "./panel.js";
import { Journal } from "./journal.js";

let parts = [];
let drawn = "";
let seq = -1;

// shape tells whether the drawing can be kept: another layout or another machine needs a new one.
function shape(s) {
  return JSON.stringify([s.site, s.display.digits.length, s.boards.map((b) => [b.title, b.width]), !!s.scanner,
    s.buttons.map((b) => [b.role, b.line, b.lamp, b.letter, b.title]), s.handsets.map((h) => [h.window, h.place, h.line])]);
}

function draw(s) {
  say(byId("site"), s.site);
  const machine = new Machine(byId("machine"), s);
  const hall = new Hall(byId("places"), s);
  parts = [machine, hall, new Boards(byId("boards"), s), scans(s), new Papers(machine.papers), new Panel(s), new Journal(), new Coach([machine, hall])];
}

function show(s) {
  const now = shape(s);
  const fresh = s.seq < seq; // sequence numbers only grow: smaller means another machine answers
  if (now !== drawn || fresh) draw(s);
  drawn = now;
  seq = s.seq;
  document.body.dataset.program = s.program;
  document.body.dataset.power = s.power ? "on" : "off";
  for (const part of parts) part.update(s, fresh);
}

listen(show);
