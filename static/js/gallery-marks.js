// The keys that mark pictures press the buttons of [data-marks]; here those learn which picture is meant: the one that
// the lightbox shows, or the one that has the focus. Afterwards the focus is where it was, or on what took its place.
const form = document.querySelector("[data-marks]");
let shown = null;
let next = null;
let pending = 0; // requests under way: keys can be quicker than answers

document.addEventListener("lightbox", ({ detail: pswp }) => {
  shown = pswp;
  pswp.on("destroy", () => { shown = null; });
});

function tile() {
  const link = shown ? shown.currSlide.data.link : document.activeElement?.closest("[data-ref]");
  return link && document.getElementById(link.id);
}

form?.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=do]");
  const meant = button && tile();
  form.querySelectorAll("[name=image]").forEach((field) => field.remove());
  if (!meant) {
    event.preventDefault();
    document.dispatchEvent(new CustomEvent("toast", { detail: { text: "Move to a picture first, with the arrow keys." } }));
    return;
  }
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "image", value: meant.dataset.ref }));
  // Pressed again, a mark is taken off.
  const [what] = button.value.split(":");
  if (what === "favourite") button.value = `favourite:${meant.querySelector(".mark-heart") ? 0 : 1}`;
  if (what === "rejected") button.value = `rejected:${"rejected" in meant.dataset ? 0 : 1}`;
  const tiles = [...document.querySelectorAll("[data-gallery] [data-ref]")];
  const at = tiles.indexOf(meant);
  pending += 1;
  next = shown ? null : { same: meant.id, other: (tiles[at + 1] ?? tiles[at - 1])?.id };
}, true);

form?.addEventListener("htmx:afterRequest", () => { pending = Math.max(0, pending - 1); });
document.addEventListener("htmx:afterSettle", () => {
  if (!next || shown) return;
  // Only where the picture that had the focus was replaced: somebody may have moved on meanwhile.
  if (document.activeElement === document.body) (document.getElementById(next.same) ?? document.getElementById(next.other))?.focus();
  if (!pending) next = null;
});
