// keep puts new content into a region and leaves alone what is the same: the focus stays where it was,
// a screen reader is told the news only, and what a person has chosen and not sent stays chosen.
export function keep(place, html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const held = document.activeElement?.id;
  children(place, fresh.content);
  if (held && document.activeElement?.id !== held) document.getElementById(held)?.focus({ preventScroll: true });
}

// children makes the children of one element like those of another.
function children(old, fresh) {
  const want = [...fresh.childNodes];
  for (let i = 0; i < want.length; i++) {
    const have = old.childNodes[i];
    if (!have) old.append(want[i]);
    else if (alike(have, want[i])) node(have, want[i]);
    else have.replaceWith(want[i]);
  }
  while (old.childNodes.length > want.length) old.lastChild.remove();
}

// alike reports whether one node can become the other. One with another data-key is another thing.
function alike(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && a.id === b.id && a.dataset?.key === b.dataset?.key;
}

function node(have, want) {
  if (have.nodeType !== Node.ELEMENT_NODE) {
    if (have.nodeValue !== want.nodeValue) have.nodeValue = want.nodeValue;
    return;
  }
  if (have.isEqualNode(want) && !("checked" in have)) return;
  for (const { name } of [...have.attributes]) if (!want.hasAttribute(name)) have.removeAttribute(name);
  for (const { name, value } of want.attributes) if (have.getAttribute(name) !== value) have.setAttribute(name, value);
  if ("checked" in have && have.checked !== want.hasAttribute("checked")) have.checked = want.hasAttribute("checked");
  children(have, want);
}
