// Pressing buttons of pictures. A double click, or Enter held down, is one press; a pressed button's menu closes, and so
// does a dialog once what it asked for is accepted. Sliders of [data-writes] write their parameter into the prompt.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-press]") && event.detail > 1) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);
document.addEventListener("keydown", (event) => {
  if (event.repeat && event.key === "Enter" && event.target.closest("[data-press]")) event.preventDefault();
});

document.addEventListener("htmx:beforeRequest", ({ target }) => {
  const menu = target.closest(".act-menu");
  if (menu?.matches(":popover-open")) menu.hidePopover();
});
document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  if (target.matches("[data-action-form]") && detail.xhr?.status < 300) target.closest("dialog")?.close();
});

const SPELLINGS = { zoom: "zoom", ar: "(?:ar|aspect)" };

function write(control) {
  const box = control.form.elements.prompt;
  const { writes } = control.dataset;
  const written = new RegExp(`\\s*--${SPELLINGS[writes]}\\s+\\S+`, "gi");
  const words = box.value.replace(written, "").trimEnd();
  box.value = control.value ? `${words} --${writes} ${control.value}` : words;
  const shown = control.form.querySelector(`output[for="${control.id}"]`);
  if (shown) shown.textContent = control.value;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function read(box) {
  for (const control of box.form.querySelectorAll("[data-writes]")) {
    const found = new RegExp(`--${SPELLINGS[control.dataset.writes]}\\s+(\\S+)`, "i").exec(box.value)?.[1] ?? "";
    if (control.nodeName !== "SELECT") control.value = found || control.value;
    else control.value = [...control.options].some((option) => option.value === found) ? found : "";
    const shown = box.form.querySelector(`output[for="${control.id}"]`);
    if (shown) shown.textContent = control.value;
  }
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-writes]")) write(event.target);
  else if (event.target.matches("[data-action-form] textarea") && event.isTrusted) read(event.target);
});
