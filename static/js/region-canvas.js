// What is painted: a mask in memory, its history, and the tint over the picture. Others ask with the event "region:draw"
// (shape, points from 0 to 1, size as a share of the width, erase) and "region:do"; it answers with "region:changed".
const view = document.getElementById("region-canvas");
const LONGEST = 768; // pixels; the studio scales it to the picture
const STEPS = 50;
const scale = LONGEST / Math.max(Number(view.dataset.width), Number(view.dataset.height));
const mask = new OffscreenCanvas(Math.max(1, Math.round(view.dataset.width * scale)), Math.max(1, Math.round(view.dataset.height * scale)));
const ink = mask.getContext("2d", { willReadFrequently: true });
Object.assign(view, { width: mask.width, height: mask.height });
const tint = view.getContext("2d");
let past = [];
let future = [];

function alpha() {
  const { data } = ink.getImageData(0, 0, mask.width, mask.height);
  return Uint8Array.from({ length: data.length / 4 }, (_, at) => (data[at * 4 + 3] >= 128 ? 255 : 0));
}

function restore(values) {
  const image = new ImageData(mask.width, mask.height);
  values.forEach((value, at) => image.data.set([255, 255, 255, value], at * 4));
  ink.putImageData(image, 0, 0);
}

function show() {
  tint.clearRect(0, 0, view.width, view.height);
  tint.globalCompositeOperation = "source-over";
  tint.drawImage(mask, 0, 0);
  tint.globalCompositeOperation = "source-in";
  tint.fillStyle = "rgba(90, 130, 255, 0.55)";
  tint.fillRect(0, 0, view.width, view.height);
  const values = alpha();
  const share = values.reduce((sum, value) => sum + (value ? 1 : 0), 0) / values.length;
  document.dispatchEvent(new CustomEvent("region:changed", { detail: { share, mask, canUndo: past.length > 0, canRedo: future.length > 0 } }));
}

function remember() {
  past = [...past, alpha()].slice(-STEPS);
  future = [];
}

function draw({ shape, points, size, erase }) {
  const at = points.map(([x, y]) => [x * mask.width, y * mask.height]);
  ink.globalCompositeOperation = erase ? "destination-out" : "source-over";
  Object.assign(ink, { fillStyle: "#fff", strokeStyle: "#fff", lineCap: "round", lineJoin: "round", lineWidth: Math.max(1, size * mask.width) });
  ink.beginPath();
  at.forEach(([x, y], index) => (index ? ink.lineTo(x, y) : ink.moveTo(x, y)));
  if (shape === "stroke") {
    if (at.length === 1) ink.lineTo(at[0][0] + 0.01, at[0][1]);
    ink.stroke();
  } else ink.fill();
  show();
}

const DOES = {
  undo() { if (past.length) { future.push(alpha()); restore(past.pop()); } },
  redo() { if (future.length) { past.push(alpha()); restore(future.pop()); } },
  invert() { remember(); restore(alpha().map((value) => 255 - value)); },
  clear() { remember(); ink.clearRect(0, 0, mask.width, mask.height); },
};

document.addEventListener("region:begin", remember);
document.addEventListener("region:draw", ({ detail }) => draw(detail));
document.addEventListener("region:do", ({ detail }) => { DOES[detail](); show(); });
document.addEventListener("region:restore", ({ detail }) => { ink.drawImage(detail, 0, 0, mask.width, mask.height); show(); });
document.addEventListener("DOMContentLoaded", show); // once the others listen
