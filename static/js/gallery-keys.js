// Arrow keys walk through the pictures of a [data-gallery]; Home and End go to its ends. Enter opens one.
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

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || document.querySelector(".pswp, dialog[open]")) return;
  const gallery = document.querySelector("[data-gallery]");
  if (!gallery || (document.activeElement !== document.body && !document.activeElement.closest("[data-gallery], main"))) return;
  const tiles = [...gallery.querySelectorAll("[data-lightbox]")];
  const here = tiles.indexOf(document.activeElement);
  let next;
  if (event.key in STEP) next = here < 0 ? tiles[0] : tiles[here + STEP[event.key]];
  else if (here >= 0 && ["ArrowDown", "ArrowUp"].includes(event.key)) next = inRow(tiles, tiles[here], event.key === "ArrowDown" ? 1 : -1);
  else if (here >= 0 && event.key === "Home") [next] = tiles;
  else if (here >= 0 && event.key === "End") next = tiles.at(-1);
  if (!next) return;
  event.preventDefault();
  next.focus();
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
