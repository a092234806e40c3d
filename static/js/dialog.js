// Opens <dialog id="x"> from [data-dialog="x"]; without it the link or button does what it says instead.
// Closes on [data-close] and on a click outside; a dialog that came with data-open opens at once.
function open(dialog) {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  dialog.querySelector("[data-focus]")?.focus();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (dialog) event.preventDefault();
    open(dialog);
    return;
  }
  const dialog = event.target.closest("dialog");
  if (dialog && event.target.closest("[data-close]")) {
    event.preventDefault();
    dialog.close();
  }
});

// A press that both begins and ends on the backdrop closes; dragging a selection out of a field does not.
let pressed = null;
document.addEventListener("pointerdown", (event) => { pressed = event.target; });
document.addEventListener("pointerup", (event) => {
  if (event.target !== pressed || event.target.nodeName !== "DIALOG") return;
  const box = event.target.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside) event.target.close();
});

function openAsked() {
  document.querySelectorAll("dialog[data-open]:not([open])").forEach((dialog) => {
    dialog.removeAttribute("data-open");
    open(dialog);
  });
}
document.addEventListener("htmx:afterSettle", openAsked);
openAsked();
