// A failed htmx request becomes a visible message; nothing on the page is lost.
const SAID = {
  0: "The studio did not answer. Check your connection; nothing on this page was lost.",
  403: "This page was open for too long, or you may not do that. Reload it and try again.",
  404: "That is no longer there. Reload the page to see what is.",
  413: "That file is too large.",
  429: "Too many requests in a short time. Wait a minute and try again.",
  500: "Something went wrong in the studio. Try again; if it stays so, tell an admin.",
  503: "The studio is starting or being updated. Try again in a minute.",
};

const quiet = new WeakSet(); // a poller that failed once has said so; it says it again only after it worked

function say(event) {
  const source = event.target;
  const polls = source.matches?.("[hx-trigger*='every']");
  if (polls && quiet.has(source)) return;
  if (polls) quiet.add(source);
  const status = event.detail.xhr?.status ?? 0;
  const text = SAID[status] ?? SAID[status >= 500 ? 500 : 0];
  document.dispatchEvent(new CustomEvent("toast", { detail: { text, tone: "danger" } }));
}

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, say);
document.addEventListener("htmx:afterOnLoad", (event) => quiet.delete(event.target));
