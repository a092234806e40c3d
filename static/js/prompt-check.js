// Keeps text, panel and preview in step: asks the studio after a pause and applies its answer. What somebody changed
// since the question is never overwritten; it is asked about again. `touched` are controls that no answer holds yet;
// panel-values.js brings the values of an answer into the panel.
const form = document.getElementById("prompt-form");
const checker = document.getElementById("checker");
const box = document.getElementById("prompt-text");
const changed = form.elements.namedItem("changed");
const PAUSE = 250;
let touched = new Set();
let asked = null;
let timer = 0;

function note(name) {
  if (name) touched.add(name);
  changed.value = [...touched].join(",");
  clearTimeout(timer);
  timer = setTimeout(() => window.htmx.trigger(checker, "check"), PAUSE);
}

function apply() {
  const { text, panel } = document.getElementById("preview").dataset;
  if (asked.touched.size && text !== box.value) box.value = text;
  const detail = { panel: JSON.parse(panel), except: touched };
  document.dispatchEvent(new CustomEvent("prompt:checked", { detail }));
}

form.addEventListener("input", (event) => {
  const control = event.target.closest("[data-control]");
  if (control || event.target === box || event.target.name === "account") note(control?.dataset.control);
});

checker.addEventListener("htmx:beforeRequest", () => {
  asked = { text: box.value, touched };
  touched = new Set();
});
checker.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!asked) return;
  const isCurrent = box.value === asked.text;
  if (detail.successful && isCurrent) apply();
  else touched = new Set([...asked.touched, ...touched]);
  changed.value = [...touched].join(",");
  asked = null;
  if (detail.successful && !isCurrent) note();
});

// What is being sent includes what was touched last; once it is accepted, nothing is left to ask about.
form.addEventListener("submit", () => {
  clearTimeout(timer);
  window.htmx.trigger(checker, "htmx:abort");
}, true);
form.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  if (target === form && detail.xhr?.status === 200) touched = new Set();
});
changed.value = "";
