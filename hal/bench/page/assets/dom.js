// Building and patching nodes. Text goes in as text, never as markup.
const SVG = "http://www.w3.org/2000/svg";

function fill(node, attrs, kids) {
  for (const [name, value] of Object.entries(attrs ?? {})) put(node, name, value);
  node.append(...kids.filter((k) => k != null));
  return node;
}

export const el = (tag, attrs, ...kids) => fill(document.createElement(tag), attrs, kids);
export const svg = (tag, attrs, ...kids) => fill(document.createElementNS(SVG, tag), attrs, kids);
export const byId = (id) => document.getElementById(id);

// put sets an attribute only when it changes, so that nothing is announced or animated twice.
export function put(node, name, value) {
  if (value === false || value == null) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
    return;
  }
  const text = value === true ? "" : String(value);
  if (node.getAttribute(name) !== text) node.setAttribute(name, text);
}

export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// ring is the visible focus of a drawn part: ink inside, amber outside (design README, section 5).
export function ring(x, y, width, height, rx) {
  return svg("g", { class: "focus", "aria-hidden": "true" },
    svg("rect", { class: "focus__out", x: x - 4, y: y - 4, width: width + 8, height: height + 8, rx: rx + 4 }),
    svg("rect", { class: "focus__in", x, y, width, height, rx }));
}

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// clickable makes a drawn part answer Space and Enter as a native button does.
export function clickable(node, act) {
  node.addEventListener("click", act);
  if (node instanceof HTMLButtonElement) return;
  node.addEventListener("keydown", (e) => {
    if ((e.key !== " " && e.key !== "Enter") || e.repeat) return;
    e.preventDefault();
    act(e);
  });
}
