// The parameters panel: Escape, "Done" and a press outside close it; Enter in one of its fields does not send the prompt.
const panel = document.getElementById("panel");

function close() {
  panel.open = false;
  panel.querySelector("summary").focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && panel.open && !document.querySelector("dialog[open]")) close();
});
panel.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close-panel]")) close();
});
document.addEventListener("pointerdown", (event) => {
  if (panel.open && !event.target.closest("#prompt-form, dialog, .toasts")) panel.open = false;
});
