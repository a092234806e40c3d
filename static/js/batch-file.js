// A file may be dropped on [data-drop] instead of chosen; the name of what was chosen is shown.
const zone = document.querySelector("[data-drop]");
const input = zone.querySelector("input[type=file]");
const name = zone.querySelector("[data-drop-name]");
const first = name.textContent;

function show() {
  name.textContent = input.files[0]?.name ?? first;
}

for (const type of ["dragenter", "dragover"]) zone.addEventListener(type, () => zone.setAttribute("data-over", ""));
for (const type of ["dragleave", "drop"]) zone.addEventListener(type, () => zone.removeAttribute("data-over"));
zone.addEventListener("dragover", (event) => event.preventDefault());
zone.addEventListener("drop", (event) => {
  event.preventDefault();
  if (!event.dataTransfer.files.length) return;
  input.files = event.dataTransfer.files;
  show();
});
input.addEventListener("change", show);
window.addEventListener("pageshow", show);
