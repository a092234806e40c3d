// Pages that begin with pictures: what was picked, dropped or pasted goes into the form; chosen pictures are dragged into order.
function redraw(slot = "", codes = []) {
  const form = document.querySelector("[data-making]");
  form.elements.namedItem("slot").value = slot;
  form.elements.namedItem("add").value = codes.join(" ");
  form.querySelector("[data-add]").click(); // htmx sends the name of a button only if it was clicked
}

document.addEventListener("picked", ({ detail }) => {
  redraw(detail.slot || "reference", detail.references.map(({ code }) => code));
});

let dragged = null;
document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-sortable] > .slot");
  if (dragged) event.dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragover", (event) => {
  const over = dragged && event.target.closest?.("[data-sortable] > .slot");
  if (!over || over === dragged || over.matches(".empty-slot")) return;
  event.preventDefault();
  const isAfter = dragged.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING;
  over[isAfter ? "after" : "before"](dragged);
});
document.addEventListener("dragend", () => {
  if (dragged) redraw(); // the order stands in the form's own fields; numbers and buttons follow
  dragged = null;
});
