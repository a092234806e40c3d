// Pictures may be chosen, dropped anywhere on the page or pasted: the visible [data-drop-pictures] form takes them in at
// once, or the page's first one where none is visible. A picture of the page itself that is dragged is no upload.
let isOwn = false;

function place() {
  const forms = [...document.querySelectorAll("[data-drop-pictures]")];
  return forms.findLast((form) => form.checkVisibility()) ?? forms[0];
}

function send(form, files) {
  const pictures = [...files].filter((file) => file.type.startsWith("image/"));
  if (!form || !pictures.length) return false;
  const carrier = new DataTransfer();
  for (const file of pictures) carrier.items.add(file);
  form.querySelector("input[type=file]").files = carrier.files;
  form.requestSubmit();
  return true;
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-drop-pictures] input[type=file]") && target.files.length) target.form.requestSubmit();
});
document.addEventListener("dragstart", () => { isOwn = true; });
document.addEventListener("dragend", () => { isOwn = false; });
document.addEventListener("dragover", (event) => {
  if (isOwn || !event.dataTransfer?.types.includes("Files") || !place()) return;
  event.preventDefault();
  place().setAttribute("data-over", "");
});
for (const name of ["dragleave", "drop", "dragend"]) {
  document.addEventListener(name, () => place()?.removeAttribute("data-over"));
}
document.addEventListener("drop", (event) => {
  if (isOwn || event.target.matches?.("input[type=file]") || !event.dataTransfer?.files.length) return;
  if (send(place(), event.dataTransfer.files)) event.preventDefault();
});
document.addEventListener("paste", (event) => {
  if (event.clipboardData?.files.length && send(place(), event.clipboardData.files)) event.preventDefault();
});
document.addEventListener("htmx:afterRequest", ({ target }) => {
  if (target.matches?.("[data-drop-pictures]")) target.reset();
  document.getElementById("references-empty")?.toggleAttribute("hidden", Boolean(document.querySelector("#references > li")));
});
