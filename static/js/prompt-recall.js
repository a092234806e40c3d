// The arrow up in an empty box opens the prompts written before; arrows walk through them, Enter takes one.
const box = document.getElementById("prompt-text");
const opener = document.getElementById("recall");
const list = document.getElementById("recent-list");

function items() {
  return [...list.querySelectorAll("[data-fill]")];
}

box.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowUp" || box.value || event.isComposing) return;
  event.preventDefault();
  opener.click();
});
list.addEventListener("htmx:afterSettle", () => items()[0]?.focus());
list.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const at = items().indexOf(document.activeElement);
  if (!step || at < 0) return;
  event.preventDefault();
  items()[(at + step + items().length) % items().length].focus();
});
