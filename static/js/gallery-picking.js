// Ticking many pictures: Shift ticks everything since the last one, and a box drawn with the mouse all that it touches.
const area = document.querySelector("[data-picking]");
const FAR = 8; // pixels that make a press the beginning of a box
let last = null;
let start = null;
let frame = null;

function ticks() {
  return [...area.querySelectorAll("input[name=image]")];
}

let isShift = false;
let wasDrawn = false;
area?.addEventListener("click", (event) => {
  isShift = event.shiftKey;
  if (wasDrawn) event.preventDefault(); // the click that ends a box is no click on a picture
}, true);
area?.addEventListener("change", ({ target }) => {
  if (target.name !== "image") return;
  const all = ticks();
  const [from, to] = [all.indexOf(last), all.indexOf(target)].sort((one, other) => one - other);
  if (isShift && from >= 0) all.slice(from, to + 1).forEach((tick) => { tick.checked = target.checked; });
  last = target;
});

function box(event) {
  return { left: Math.min(start.x, event.clientX), right: Math.max(start.x, event.clientX), top: Math.min(start.y, event.clientY), bottom: Math.max(start.y, event.clientY) };
}

area?.addEventListener("dragstart", (event) => event.preventDefault());
area?.addEventListener("pointerdown", (event) => {
  if (event.pointerType === "mouse" && event.button === 0) start = { x: event.clientX, y: event.clientY };
});
document.addEventListener("pointermove", (event) => {
  if (!start || !area) return;
  const now = box(event);
  if (!frame && now.right - now.left + now.bottom - now.top < FAR) return;
  if (!frame) {
    frame = Object.assign(document.createElement("div"), { className: "picking-frame" });
    document.body.append(frame);
  }
  Object.assign(frame.style, { left: `${now.left}px`, top: `${now.top}px`, width: `${now.right - now.left}px`, height: `${now.bottom - now.top}px` });
});
document.addEventListener("pointerup", (event) => {
  if (frame) {
    const now = box(event);
    for (const tick of ticks()) {
      const at = tick.closest(".tile").getBoundingClientRect();
      if (at.left < now.right && at.right > now.left && at.top < now.bottom && at.bottom > now.top) tick.checked = true;
    }
    frame.remove();
    frame = null;
    wasDrawn = true;
    setTimeout(() => { wasDrawn = false; }, 50);
  }
  start = null;
});

// Some buttons of the bar lead to pages of their own: their forms are sent by the browser, not by htmx.
document.addEventListener("submit", (event) => {
  if (event.submitter?.matches("[data-plain]")) event.stopPropagation();
}, true);

// Space on a picture of the gallery leads here, with that one to be ticked.
const place = new URL(window.location);
const begun = document.getElementById(`shot-${place.searchParams.get("tick")}`)?.querySelector("input[name=image]");
if (begun) {
  begun.checked = true;
  begun.focus();
  last = begun;
  place.searchParams.delete("tick");
  window.history.replaceState(window.history.state, "", place);
}
