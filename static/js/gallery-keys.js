// Arrow keys walk through the pictures of a gallery in two dimensions; Home and End go to its ends. Enter opens one.
// Where one ticks, Space ticks and Shift with an arrow goes on ticking; elsewhere Space begins to tick.
const STEP = { ArrowLeft: -1, ArrowRight: 1 };

function inRow(tiles, from, direction) {
  const box = from.getBoundingClientRect();
  const middle = box.left + box.width / 2;
  const others = tiles.map((tile) => ({ tile, at: tile.getBoundingClientRect() }));
  const beyond = others.filter(({ at }) => (direction > 0 ? at.top > box.bottom - 4 : at.bottom < box.top + 4));
  const row = direction > 0 ? Math.min(...beyond.map(({ at }) => at.top)) : Math.max(...beyond.map(({ at }) => at.top));
  const near = beyond.filter(({ at }) => Math.abs(at.top - row) < 8);
  const distance = ({ at }) => Math.abs(at.left + at.width / 2 - middle);
  return near.sort((a, b) => distance(a) - distance(b))[0]?.tile;
}

function nextOf(tiles, here, key) {
  if (key in STEP) return here ? tiles[tiles.indexOf(here) + STEP[key]] : tiles[0];
  if (!here) return undefined;
  if (key === "ArrowDown" || key === "ArrowUp") return inRow(tiles, here, key === "ArrowDown" ? 1 : -1);
  return key === "Home" ? tiles[0] : key === "End" ? tiles.at(-1) : undefined;
}

function field(tile) {
  return tile?.querySelector("input[name=image]");
}

function goOnTicking(from, to) {
  for (const tick of [field(from), field(to)]) {
    if (!tick || tick.checked) continue;
    tick.checked = true;
    tick.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

// The page for ticking begins with the picture in hand, which gallery-picking.js ticks.
function beginTicking(tile) {
  const select = document.querySelector("a[data-key=select]");
  if (!select || !tile.dataset.at) return false;
  const address = new URL(select.href);
  address.searchParams.set("from", tile.dataset.at);
  address.searchParams.set("tick", tile.dataset.ref);
  window.location.assign(address);
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector(".pswp, dialog[open], :popover-open")) return;
  const gallery = document.querySelector("[data-gallery], [data-picking]");
  const focus = document.activeElement;
  if (!gallery || (focus !== document.body && !focus.closest("[data-gallery], [data-picking], main"))) return;
  if (focus.matches("input:not([type=checkbox]), textarea, select")) return;
  const tiles = [...gallery.querySelectorAll("[data-ref]:not([data-waiting], [data-waiting] *)")];
  const here = focus.closest("[data-ref]");
  if (event.key === " " && here && !field(here) && beginTicking(here)) {
    event.preventDefault();
    return;
  }
  const next = nextOf(tiles, here, event.key);
  if (!next || (event.shiftKey && !field(next))) return;
  event.preventDefault();
  if (event.shiftKey) goOnTicking(here, next);
  (field(next) ?? next).focus();
});

document.querySelector("[data-key=stack]")?.addEventListener("click", () => {
  const tile = document.activeElement?.closest("[data-ref]");
  const stack = tile?.closest(".pile") ?? tile?.closest(".pile-open")?.querySelector(".pile");
  if (!stack) {
    document.dispatchEvent(new CustomEvent("toast", { detail: { text: "Move to a stack first, with the arrow keys." } }));
    return;
  }
  const { id } = stack.querySelector("[data-ref]");
  document.addEventListener("htmx:afterSettle", () => document.getElementById(id)?.focus({ preventScroll: true }), { once: true });
  stack.querySelector(".pile-count").click();
});
