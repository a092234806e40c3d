// The page's one poller asks only while somebody can see the page, and at once when they come back to it.
// A dialog whose form was sent closes.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches("[data-poller]") && document.hidden) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  const poller = document.querySelector("[data-poller]");
  if (poller && !document.hidden) window.htmx.trigger(poller, "look");
});
window.addEventListener("pageshow", (event) => {
  const poller = document.querySelector("[data-poller]");
  if (poller && event.persisted) window.htmx.trigger(poller, "look");
});
// A job that ends without pictures keeps the box it had, as empty frames, so that nothing below it moves up.
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const tiles = detail.target.matches(".job") && detail.target.querySelector(".job-tiles");
  const card = detail.fragment.querySelector?.(".job");
  if (!tiles || !card || card.querySelector(".job-tiles")) return;
  const frames = tiles.cloneNode(true);
  frames.classList.add("ended");
  card.prepend(frames);
  card.dataset.shape = detail.target.dataset.shape;
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful && event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
});
