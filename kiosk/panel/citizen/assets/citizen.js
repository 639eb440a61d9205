// The citizen's screen: a press is seen at once, and nothing else is taken until the kiosk has answered it.
import { act } from "./act.js";

const patience = 3_000; // then another press is better than none
let busy;

// answered ends a press, if the painting is its answer or a later one.
function answered() {
  const face = document.getElementById("face");
  if (!busy?.due) return;
  if (Number(face.dataset.revision) < busy.due[0] || Number(face.dataset.marked) < busy.due[1]) return;
  end();
}

// end makes the screen take presses again. What was painted may have kept the button.
function end() {
  clearTimeout(busy?.timer);
  for (const e of document.querySelectorAll(".is-pressed")) { e.classList.remove("is-pressed"); e.removeAttribute("aria-busy"); }
  busy = undefined;
}

// late says that the kiosk did not answer.
function late(text) {
  end();
  const place = document.getElementById("late");
  place.textContent = text;
  setTimeout(() => { place.textContent = ""; }, 5_000);
}

// painted waits until what was changed is on the glass: sending costs a slow processor more than drawing.
function painted() {
  return new Promise((done) => { requestAnimationFrame(() => setTimeout(done)); setTimeout(done, 60); });
}

async function press(button) {
  if (busy || button.getAttribute("aria-disabled") === "true" && !("off" in button.dataset)) return;
  const mine = busy = { timer: setTimeout(() => late(document.getElementById("late").dataset.text), patience) };
  button.classList.add("is-pressed");
  button.setAttribute("aria-busy", "true");
  await painted();
  const answer = await act("/citizen/do", { do: button.dataset.do });
  if (busy !== mine) return;
  if (!answer.ok) return late(answer.text);
  mine.due = answer.text.split(" ").map(Number);
  answered();
}

document.addEventListener("click", (e) => {
  const button = e.target.closest("[data-do]");
  if (button) press(button);
});

// settle puts the focus where a new screen or a dialog begins, for whoever has no finger on the glass.
let kind = document.getElementById("face")?.dataset.kind;
function settle() {
  const face = document.getElementById("face");
  const dialog = face.querySelector("[role=alertdialog]");
  if (dialog && !dialog.contains(document.activeElement)) dialog.querySelector("[data-focus]").focus();
  const pages = document.getElementById("pages");
  if (pages && pages.childElementCount > count) pages.scrollTo(pages.scrollWidth, pages.scrollHeight);
  count = pages?.childElementCount ?? 0;
  if (face.dataset.kind === kind) return;
  kind = face.dataset.kind;
  document.title = face.dataset.title;
  if (document.activeElement === document.body || !face.contains(document.activeElement)) scrollTo(0, 0);
}
let count = document.getElementById("pages")?.childElementCount ?? 0;

document.addEventListener("paint", () => { settle(); answered(); });

// A picture that does not come leaves its sheet white; a page that is gone leaves nothing.
document.addEventListener("error", (e) => { if (e.target.tagName === "IMG") e.target.classList.add("is-gone"); }, true);

// The kiosk's own screen has no menu under a long finger, and nothing to drag.
for (const name of ["contextmenu", "dragstart"]) document.addEventListener(name, (e) => e.preventDefault());
