// The search box: what may come next is listed below it, chosen by keys or by pointer. Without script it is a plain field.
const box = document.getElementById("gallery-q");
const list = document.getElementById("suggestions");

function options() {
  return [...list.querySelectorAll("[role=option]")];
}

function show(isOpen) {
  list.hidden = !isOpen || !options().length;
  box.setAttribute("aria-expanded", String(!list.hidden));
  if (list.hidden) box.removeAttribute("aria-activedescendant");
}

function mark(index) {
  options().forEach((option, at) => {
    option.id = `suggestion-${at}`;
    option.setAttribute("aria-selected", String(at === index));
  });
  if (index >= 0) box.setAttribute("aria-activedescendant", `suggestion-${index}`);
}

function take(option) {
  box.value = option.dataset.text;
  show(false);
  box.focus();
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

list?.addEventListener("htmx:afterSwap", () => {
  mark(-1);
  show(document.activeElement === box);
});
list?.addEventListener("pointerdown", (event) => {
  const option = event.target.closest("[role=option]");
  if (!option) return;
  event.preventDefault();
  take(option);
});
list?.addEventListener("click", (event) => {
  const option = event.target.closest("[role=option]");
  if (option) take(option);
});
box?.addEventListener("blur", () => setTimeout(() => show(false), 100));
box?.addEventListener("keydown", (event) => {
  if (list.hidden) return;
  const all = options();
  const here = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown") mark((here + 1) % all.length);
  else if (event.key === "ArrowUp") mark((here - 1 + all.length) % all.length);
  else if ((event.key === "Enter" || event.key === "Tab") && here >= 0) take(all[here]);
  else if (event.key === "Escape") show(false);
  else return;
  event.preventDefault();
});
