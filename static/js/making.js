// Pages that begin with pictures: what was picked, dropped or pasted goes into the form; chosen pictures are dragged into order.
document.addEventListener("picked", ({ detail }) => {
  const form = document.querySelector("[data-making]");
  form.elements.namedItem("slot").value = detail.slot || "reference";
  form.elements.namedItem("add").value = detail.references.map(({ code }) => code).join(" ");
  form.requestSubmit(form.querySelector("[data-add]"));
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
  // The order stands in the form's own fields; the numbers are drawn anew.
  for (const [place, badge] of [...document.querySelectorAll("[data-sortable] .badge")].entries()) badge.textContent = place + 1;
  dragged = null;
});
