// Mouse, pen and finger on the picture. One finger paints; two move and zoom the page as everywhere.
const stage = document.getElementById("region-stage");
const erase = document.getElementById("region-erase");
const size = document.getElementById("region-size");
const shape = document.getElementById("region-shape");
const ring = document.getElementById("region-ring");
let points = null;

function tool() {
  return document.querySelector("[data-tool][aria-pressed=true]").dataset.tool;
}

function place(event) {
  const box = stage.getBoundingClientRect();
  const inside = (value) => Math.min(1, Math.max(0, value));
  return [inside((event.clientX - box.left) / box.width), inside((event.clientY - box.top) / box.height)];
}

function corners([a, b], [c, d]) {
  return [[a, b], [c, b], [c, d], [a, d]];
}

function outline(list) {
  const { width, height } = stage.getBoundingClientRect();
  shape.setAttribute("points", list.map(([x, y]) => `${x * width},${y * height}`).join(" "));
  shape.toggleAttribute("data-shown", list.length > 1);
}

function follow(event) {
  const { width, height } = stage.getBoundingClientRect();
  const [x, y] = place(event);
  ring.setAttribute("cx", x * width);
  ring.setAttribute("cy", y * height);
  ring.setAttribute("r", (Number(size.value) / 200) * width);
  ring.toggleAttribute("data-shown", tool() === "brush");
}

function draw(kind, list) {
  const detail = { shape: kind, points: list, size: Number(size.value) / 100, erase: erase.getAttribute("aria-pressed") === "true" };
  document.dispatchEvent(new CustomEvent("region:draw", { detail }));
}

stage.addEventListener("pointerdown", (event) => {
  if (event.button || !event.isPrimary) return;
  event.preventDefault();
  stage.focus({ preventScroll: true });
  stage.setPointerCapture(event.pointerId);
  points = [place(event)];
  document.dispatchEvent(new CustomEvent("region:begin"));
  if (tool() === "brush") draw("stroke", points);
});
stage.addEventListener("pointermove", (event) => {
  follow(event);
  if (!points || !event.isPrimary) return;
  for (const each of event.getCoalescedEvents?.() ?? [event]) points.push(place(each));
  if (tool() === "brush") {
    draw("stroke", points);
    points = [points.at(-1)];
  } else outline(tool() === "rectangle" ? corners(points[0], points.at(-1)) : points);
});
function end(event) {
  if (!points) return;
  if (tool() === "rectangle" && event.type === "pointerup") draw("area", corners(points[0], place(event)));
  if (tool() === "lasso" && points.length > 2) draw("area", points);
  points = null;
  outline([]);
}
stage.addEventListener("pointerup", end);
stage.addEventListener("pointercancel", end);
stage.addEventListener("pointerleave", () => ring.removeAttribute("data-shown"));
