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
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful && event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
});
