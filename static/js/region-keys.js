// The same by keyboard: arrows move a cursor (Shift: far), Space paints with the brush, sets the corners of a rectangle
// or the points of a lasso, Enter closes the lasso, Escape lets go. Ctrl+Z and Ctrl+Shift+Z undo and redo.
const stage = document.getElementById("region-stage");
const ring = document.getElementById("region-ring");
const shape = document.getElementById("region-shape");
const size = document.getElementById("region-size");
const erase = document.getElementById("region-erase");
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
let at = [0.5, 0.5];
let held = [];

function tool() {
  return document.querySelector("[data-tool][aria-pressed=true]").dataset.tool;
}

function show() {
  const { width, height } = stage.getBoundingClientRect();
  Object.entries({ cx: at[0] * width, cy: at[1] * height, r: tool() === "brush" ? (Number(size.value) / 200) * width : 6 }).forEach(([name, value]) => ring.setAttribute(name, value));
  ring.setAttribute("data-shown", "");
  const list = tool() === "rectangle" && held.length ? [held[0], [at[0], held[0][1]], at, [held[0][0], at[1]]] : [...held, at];
  shape.setAttribute("points", held.length ? list.map(([x, y]) => `${x * width},${y * height}`).join(" ") : "");
  shape.toggleAttribute("data-shown", held.length > 0);
}

function draw(kind, points) {
  document.dispatchEvent(new CustomEvent("region:begin"));
  const detail = { shape: kind, points, size: Number(size.value) / 100, erase: erase.getAttribute("aria-pressed") === "true" };
  document.dispatchEvent(new CustomEvent("region:draw", { detail }));
}

function press() {
  if (tool() === "brush") draw("stroke", [at]);
  else if (tool() === "rectangle" && held.length) {
    draw("area", [held[0], [at[0], held[0][1]], at, [held[0][0], at[1]]]);
    held = [];
  } else held.push(at);
}

stage.addEventListener("keydown", (event) => {
  if (event.altKey || event.metaKey || event.ctrlKey) return;
  const move = MOVES[event.key];
  if (move) at = at.map((value, axis) => Math.min(1, Math.max(0, value + move[axis] * (event.shiftKey ? 0.1 : 0.02))));
  else if (event.key === " ") press();
  else if (event.key === "Enter" && tool() === "lasso" && held.length > 2) { draw("area", held); held = []; }
  else if (event.key === "Escape") held = [];
  else return;
  event.preventDefault();
  event.stopPropagation();
  show();
});
stage.addEventListener("blur", () => { ring.removeAttribute("data-shown"); held = []; shape.removeAttribute("data-shown"); });
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.target.matches?.("textarea, input:not([type=range])")) return;
  const what = event.key.toLowerCase() === "z" ? (event.shiftKey ? "redo" : "undo") : event.key.toLowerCase() === "y" ? "redo" : "";
  if (!what) return;
  event.preventDefault();
  document.dispatchEvent(new CustomEvent("region:do", { detail: what }));
});
