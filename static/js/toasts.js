// Shows messages in the page's toast region. Anyone may ask for one with a "toast" event, the server too:
// HX-Trigger: {"toast": {"text": "Saved.", "tone": "good"}}. Problems stay until they are dismissed.
const region = document.getElementById("toasts");
const LASTS = 8000;

function leaveLater(toast) {
  if (["warn", "danger"].includes(toast.dataset.tone)) return;
  const timer = setInterval(() => {
    if (toast.matches(":hover, :focus-within")) return;
    clearInterval(timer);
    toast.remove();
  }, LASTS);
}

function show(text, tone = "plain", href = "", undo = "") {
  const toast = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  const icon = { good: "done", warn: "warning", danger: "danger" }[tone] ?? "info";
  const use = toast.querySelector("use");
  use.setAttribute("href", `${use.getAttribute("href").split("#")[0]}#${icon}`);
  toast.dataset.tone = tone;
  const words = toast.querySelector("p");
  words.textContent = text;
  if (href) words.append(" ", Object.assign(document.createElement("a"), { href, textContent: "Open" }));
  if (undo) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: "Undo" });
    button.addEventListener("click", () => window.htmx.ajax("POST", undo, { swap: "none" }));
    words.append(" ", button);
  }
  const same = [...region.children].find((other) => other.textContent.trim() === toast.textContent.trim());
  same?.remove();
  region.append(toast);
  leaveLater(toast);
}

document.addEventListener("toast", ({ detail }) => {
  const said = detail.value ?? detail; // htmx puts a plain string into `value`
  if (typeof said === "string") show(said);
  else show(said.text, said.tone, said.href, said.undo);
});
document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast")?.remove());

if (region) {
  // A live region announces what is added to it, so messages that came with the page are added again.
  const toasts = [...region.children];
  region.replaceChildren();
  setTimeout(() => {
    region.append(...toasts);
    toasts.forEach(leaveLater);
  }, 100);
}
