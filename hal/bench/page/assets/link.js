// The page's two ends of the wire: a stream of snapshots in, small JSON acts out.
import { byId, put, say } from "./dom.js";

// One name per open page: when its stream ends the server lets go of the buttons it held.
export const client = Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");

const LOST = "Нет связи с учебным киоском. Номера могли измениться. Пробуем снова…";
let hideLater = 0;

function banner(text) {
  clearTimeout(hideLater);
  put(byId("banner"), "hidden", text === "");
  say(byId("banner"), text);
}

export function complain(text) {
  banner(text);
  hideLater = setTimeout(() => banner(document.body.dataset.link === "lost" ? LOST : ""), 8000);
}

function link(state) {
  if (document.body.dataset.link === state) return;
  document.body.dataset.link = state;
  banner(state === "lost" ? LOST : "");
}

// listen calls show with every snapshot. EventSource reconnects by itself after a broken
// connection; after a refusal it gives up, so a new one is opened a second later.
export function listen(show) {
  const source = new EventSource(`/events?client=${client}`);
  source.onmessage = (e) => {
    link("live");
    show(JSON.parse(e.data));
  };
  source.onerror = () => {
    link("lost");
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => listen(show), 1000);
  };
}

export function post(path, body) {
  return fetch(path, {
    method: "POST",
    keepalive: true,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

// act posts and shows the server's sentence if it refused. A broken connection is told by the stream.
export async function act(path, body) {
  try {
    const answer = await post(path, body);
    if (!answer.ok) complain(await answer.text());
    return answer.ok;
  } catch {
    return false;
  }
}
