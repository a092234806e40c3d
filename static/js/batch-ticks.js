// Ticks of a dry run are kept as they are set, one request after the other; Shift ticks everything since the last one.
const list = document.querySelector("[data-ticks]");
let waiting = new Map();
let isSending = false;
let last = null;

async function send() {
  if (isSending) return;
  isSending = true;
  while (waiting.size) {
    const values = { on: [], off: [] };
    for (const [position, chosen] of waiting) values[chosen ? "on" : "off"].push(position);
    waiting = new Map();
    await window.htmx.ajax("POST", list.dataset.ticks, { values, swap: "none" }).catch(() => {});
  }
  isSending = false;
}

function between(one, other) {
  const ticks = [...list.querySelectorAll("[data-tick]")];
  const [from, to] = [ticks.indexOf(one), ticks.indexOf(other)].sort((a, b) => a - b);
  return from < 0 ? [other] : ticks.slice(from, to + 1);
}

let isShift = false;
list.addEventListener("click", (event) => { isShift = event.shiftKey; }, true);
list.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-tick]")) return;
  for (const tick of isShift && last?.isConnected ? between(last, target) : [target]) {
    if (tick.disabled) continue;
    tick.checked = target.checked;
    waiting.set(tick.value, target.checked);
  }
  last = target;
  send();
});
