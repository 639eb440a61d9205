// Keys of the console, and the way out. Keys are named by their place on the keyboard, so that the Russian
// layout makes no difference.
import { press, said } from "./act.js";

const names = { Space: "Space", Enter: "Enter", NumpadEnter: "Enter", F10: "F10" };

function hotOf(event) {
  if (names[event.code]) return names[event.code];
  if (event.code.startsWith("Key")) return event.code.slice(3);
  return event.code.replace(/^(Digit|Numpad)/, "");
}

// busy reports whether the focus is where keys have a meaning of their own.
function busy(event, hot) {
  const e = event.target;
  if (e.matches("input:not([type=radio]), select, textarea")) return true;
  return (hot === "Space" || hot === "Enter") && e.matches("button, a, input");
}

// The list of keys lies over the page; while it does, keys mean nothing else.
const keys = document.getElementById("keys");
document.getElementById("keys-open").addEventListener("click", () => keys.showModal());

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  const hot = hotOf(event);
  if (busy(event, hot)) return;
  if (event.key === "?") { // Shift and 7 on a Russian keyboard: no result of a visit
    event.preventDefault();
    return keys.open ? keys.close() : keys.showModal();
  }
  if (keys.open) return;
  const e = document.querySelector(`[data-hot="${CSS.escape(hot)}"]`);
  if (!e) return;
  event.preventDefault();
  if (e.getAttribute("aria-disabled") === "true") return said({ ok: false, text: document.getElementById("why")?.textContent ?? "" });
  if (e.tagName === "INPUT") e.checked = true;
  press(e);
});

document.addEventListener("acted", (event) => {
  const { element, ok } = event.detail;
  if (!ok && element.type === "radio") { // what was refused is not chosen
    for (const e of document.querySelectorAll(`[name="${element.name}"]`)) e.checked = e.hasAttribute("checked");
  }
  if (element.id === "leave" || element.dataset.do === "switch" && ok) location.reload();
});
