// Seven segments and a point from a register byte: bit 7…0 = DP A B C D E F G (MAX7219 no-decode order).
import { put, svg } from "./dom.js";

const W = 28, H = 56, T = 3.6, GAP = 1.1; // one digit, half the thickness of a bar, the gap at a joint

// bar is a hexagon from (x1,y1) to (x2,y2), pointed at both ends.
function bar(x1, y1, x2, y2) {
  const flat = y1 === y2;
  const p = flat
    ? [[x1 + GAP, y1], [x1 + GAP + T, y1 - T], [x2 - GAP - T, y1 - T], [x2 - GAP, y1], [x2 - GAP - T, y1 + T], [x1 + GAP + T, y1 + T]]
    : [[x1, y1 + GAP], [x1 + T, y1 + GAP + T], [x1 + T, y2 - GAP - T], [x1, y2 - GAP], [x1 - T, y2 - GAP - T], [x1 - T, y1 + GAP + T]];
  return p.map((q) => q.join()).join(" ");
}

const BARS = [ // A B C D E F G
  [0, 0, W, 0], [W, 0, W, H / 2], [W, H / 2, W, H], [0, H, W, H],
  [0, H / 2, 0, H], [0, 0, 0, H / 2], [0, H / 2, W, H / 2],
].map((b) => bar(...b));

const GLYPHS = new Map([ // what a person reads; Cyrillic as on the panel
  [0x7e, "0"], [0x30, "1"], [0x6d, "2"], [0x79, "3"], [0x33, "4"], [0x5b, "5"], [0x5f, "6"], [0x70, "7"], [0x7f, "8"], [0x7b, "9"],
  [0x01, "-"], [0x00, " "], [0x77, "А"], [0x76, "П"], [0x4e, "С"], [0x4f, "Е"], [0x37, "Н"], [0x67, "Р"], [0x42, "Г"], [0x46, "Г"],
  [0x3b, "У"], [0x3e, "U"], [0x0e, "L"], [0x47, "F"], [0x1f, "b"], [0x3d, "d"], [0x1d, "о"], [0x15, "n"],
]);

export const reading = (bytes) => bytes.map((b) => (GLYPHS.get(b & 0x7f) ?? "?") + (b & 0x80 ? "." : "")).join("").trim();
export const hex = (bytes) => bytes.map((b) => b.toString(16).padStart(2, "0")).join("");

// digits draws n places side by side and returns the group and a function that lights them.
export function digits(n, pitch) {
  const places = Array.from({ length: n }, (_, i) => {
    const bars = BARS.map((points) => svg("polygon", { points }));
    const point = svg("circle", { cx: W + 7, cy: H + 1, r: 2.6 });
    return { lights: [point, ...bars], node: svg("g", { transform: `translate(${i * pitch} 0)` }, ...bars, point) };
  });
  const group = svg("g", { transform: "skewX(-6)" }, ...places.map((p) => p.node));
  const light = (bytes, dark) => places.forEach((place, i) => {
    const byte = dark ? 0 : bytes[i] ?? 0;
    place.lights.forEach((l, bit) => put(l, "class", byte & (0x80 >> bit) ? "led led--on" : "led"));
  });
  return { group, light };
}
