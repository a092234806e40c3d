// The address says which picture is at the top, so that reloading, going back and sharing it lead to the same place.
// What is put above that place does not move it.
const gallery = document.querySelector("[data-gallery], [data-picking]");
const rail = document.querySelector("[data-date-rail]");
const CALM = 150; // ms without scrolling after which the place is kept
const TOP = 80; // px below the upper edge from which on a picture counts as the first

function firstInView() {
  return [...gallery.querySelectorAll("[data-at]")].find((tile) => tile.getBoundingClientRect().bottom > TOP);
}

function keepPlace() {
  const address = new URL(window.location);
  for (const name of ["before", "after", "at", "from", "change"]) address.searchParams.delete(name);
  const first = firstInView();
  const isTop = window.scrollY < TOP && !gallery.querySelector("[data-newer]");
  // A page that begins elsewhere is shorter: how far it was scrolled means nothing there.
  window.history.scrollRestoration = isTop ? "auto" : "manual";
  if (first && !isTop) address.searchParams.set("from", first.dataset.at);
  if (address.href !== window.location.href) window.history.replaceState(window.history.state, "", address);
  if (rail && first) mark(first.dataset.at.slice(0, 7));
}

function mark(month) {
  for (const link of rail.querySelectorAll("a")) {
    const { at } = link.dataset;
    if (at === month || at === month.slice(0, 4)) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// A day that goes on above has its title there.
function dropRepeatedTitles() {
  const seen = new Set();
  for (const title of gallery.querySelectorAll(".gallery-day")) {
    if (seen.has(title.id)) title.remove();
    seen.add(title.id);
  }
}

// Parts are asked for more than a window before they are seen: what they fill up of a last row moves out of sight.
const ahead = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    ahead.unobserve(target);
    target.click();
  }
}, { rootMargin: "120% 0px" });

// A last row that the next part will fill up, and thereby lay out anew, is shown when that is there.
function showLastRow() {
  for (const tile of gallery.querySelectorAll("[data-waiting]")) tile.removeAttribute("data-waiting");
}

function holdLastRow() {
  showLastRow();
  if (!gallery.querySelector("[data-older]")) return;
  const tiles = [...gallery.querySelectorAll(":scope > :is(.tile, .pile)")];
  const top = tiles.at(-1)?.offsetTop;
  const row = tiles.filter((tile) => Math.abs(tile.offsetTop - top) < 4);
  if (row.length < tiles.length) row.forEach((tile) => tile.setAttribute("data-waiting", ""));
}

let held = null;
if (gallery) {
  let timer = 0;
  window.addEventListener("scroll", () => { clearTimeout(timer); timer = setTimeout(keepPlace, CALM); }, { passive: true });
  gallery.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.target.matches("[data-newer]")) return;
    const tile = firstInView();
    held = tile && { tile, top: tile.getBoundingClientRect().top };
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (!held) return;
    dropRepeatedTitles();
    window.scrollBy(0, held.tile.getBoundingClientRect().top - held.top);
    held = null;
  });
  // Not before htmx has taken the links, which would be followed otherwise.
  document.addEventListener("htmx:load", () => {
    for (const link of gallery.querySelectorAll("[data-older], [data-newer]")) ahead.observe(link);
    holdLastRow();
  });
  for (const trouble of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) gallery.addEventListener(trouble, showLastRow);
  if (rail) keepPlace();
}
