// The actions of the picture that the lightbox shows: fetched for each, below its caption. While one of their menus or
// dialogs is open, the keys belong to that.
const LATER = 150;

// Pages without a poller or a place for dialogs get an empty one, so that forms can name them.
for (const [id, inside] of [["live", "input"], ["dialogs", "div"]]) {
  if (document.getElementById(id)) continue;
  const place = Object.assign(document.createElement("div"), { id, hidden: id === "live" });
  place.append(document.createElement(inside));
  document.body.append(place);
}

function isBusy() {
  return document.querySelector("dialog[open], .pswp :popover-open");
}

document.addEventListener("lightbox", ({ detail: pswp }) => {
  let timer = 0;
  pswp.on("keydown", (event) => { if (isBusy()) event.preventDefault(); });
  pswp.on("change", () => {
    const { actions } = pswp.currSlide.data;
    const place = pswp.element.querySelector(".pswp__actions");
    clearTimeout(timer);
    place.replaceChildren();
    if (actions) timer = setTimeout(() => {
      window.htmx.ajax("GET", actions, { source: place, target: place, swap: "innerHTML" });
    }, LATER);
  });
  // A picture of the family that is on the page as well is shown here; for others the link leads to their job.
  pswp.on("afterInit", () => {
    pswp.element.addEventListener("click", (event) => {
      const link = event.target.closest("[data-show]");
      const slides = pswp.options.dataSource;
      const at = link ? slides.findIndex(({ actions }) => actions?.includes(link.dataset.show)) : -1;
      if (at < 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      pswp.goTo(at);
    });
  });
  pswp.on("close", () => clearTimeout(timer));
});
