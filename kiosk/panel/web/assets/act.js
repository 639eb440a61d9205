// Sends what a person does and shows at once that it was taken. An element with data-act posts to that
// address with its data-* as fields: <button data-act="/console/do" data-do="call">. data-with="memo course"
// adds what is chosen under those names.
const token = document.querySelector('meta[name="panel-token"]')?.content ?? "";
const patience = 6_000;

// act posts fields and returns what the kiosk answered: {ok, text}.
export async function act(address, fields) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  try {
    const answer = await fetch(address, {
      method: "POST", body: new URLSearchParams(fields), headers: { "X-Panel-Token": token }, signal: stop.signal, cache: "no-store",
    });
    return { ok: answer.ok, text: (await answer.text()).trim() };
  } catch {
    return { ok: false, text: "Киоск не ответил. Проверьте связь и повторите" };
  } finally {
    clearTimeout(timer);
  }
}

// said writes what the kiosk answered where a screen reader hears it.
export function said({ ok, text }) {
  const place = document.getElementById("said");
  if (!place) return;
  place.textContent = text;
  place.dataset.ok = ok;
}

// chosen returns what is chosen under a name: the box that is ticked, or what a field holds.
function chosen(name) {
  const all = [...document.querySelectorAll(`[name="${name}"]`)];
  const one = /radio|checkbox/.test(all[0]?.type) ? all.find((e) => e.checked) : all[0];
  return one?.value ?? "";
}

// press does what an element stands for. It looks pressed before anything is sent, and takes no second
// press until the answer.
export async function press(e) {
  if (e.classList.contains("is-pressed") || e.getAttribute("aria-disabled") === "true") return;
  e.classList.add("is-pressed");
  e.setAttribute("aria-busy", "true");
  const { act: address, key, hot, with: others, ...fields } = e.dataset;
  for (const name of others?.split(" ") ?? []) fields[name] = chosen(name);
  const answer = await act(address, fields);
  e.classList.remove("is-pressed");
  e.removeAttribute("aria-busy");
  said(answer);
  document.dispatchEvent(new CustomEvent("acted", { detail: { element: e, ...answer } }));
}

document.addEventListener("click", (event) => {
  const e = event.target.closest("[data-act]");
  if (e && e.tagName === "BUTTON") { event.preventDefault(); press(e); }
});
document.addEventListener("change", (event) => {
  const e = event.target.closest("input[data-act]");
  if (e) press(e);
});
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-act]");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("[type=submit]");
  if (button.classList.contains("is-pressed")) return;
  button.classList.add("is-pressed");
  const answer = await act(form.dataset.act, new FormData(form));
  button.classList.remove("is-pressed");
  said(answer);
  if (answer.ok && form.dataset.then === "reload") location.reload();
  document.dispatchEvent(new CustomEvent("acted", { detail: { element: form, ...answer } }));
});
